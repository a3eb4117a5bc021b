import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import conversation from "../../handlers/webhooks/conversation.ts";

export const handler = twilioFunction(conversation, "webhooks/conversation");
