import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import postEvent from "../../handlers/webhooks/post-event.ts";

export const handler = twilioFunction(postEvent, "webhooks/post-event");
