import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import send from "../../handlers/conversations/send.ts";

export const handler = twilioFunction(send, "conversations/send");
