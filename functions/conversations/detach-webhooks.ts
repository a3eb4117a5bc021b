import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import detachWebhooks from "../../handlers/conversations/detach-webhooks.ts";

export const handler = twilioFunction(detachWebhooks, "conversations/detach-webhooks");
