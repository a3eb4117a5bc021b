import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/webhooks/post-event.ts";

export const handler = twilioFunction(definition, "webhooks/post-event");
