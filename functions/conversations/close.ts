import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import close from "../../handlers/conversations/close.ts";

export const handler = twilioFunction(close, "conversations/close");
