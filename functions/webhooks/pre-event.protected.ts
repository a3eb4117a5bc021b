import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import preEvent from "../../handlers/webhooks/pre-event.ts";

export const handler = twilioFunction(preEvent, "webhooks/pre-event");
