import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import optInReply from "../../handlers/whatsapp/opt-in-reply.ts";

export const handler = twilioFunction(optInReply, "whatsapp/opt-in-reply");
