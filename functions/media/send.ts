import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import send from "../../handlers/media/send.ts";

export const handler = twilioFunction(send, "media/send");
