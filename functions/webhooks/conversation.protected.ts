import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/webhooks/conversation.ts";

export const handler = twilioFunction(definition, "webhooks/conversation");
