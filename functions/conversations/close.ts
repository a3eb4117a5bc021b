import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/conversations/close.ts";

export const handler = twilioFunction(definition, "conversations/close");
