import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/webhooks/pre-event.ts";

export const handler = twilioFunction(definition, "webhooks/pre-event");
