import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/conversations/detach-webhooks.ts";

export const handler = twilioFunction(definition, "conversations/detach-webhooks");
