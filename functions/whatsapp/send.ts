import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import send from "../../handlers/whatsapp/send.ts";

export const handler = twilioFunction(send, "whatsapp/send");
