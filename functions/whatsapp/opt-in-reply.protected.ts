import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/whatsapp/opt-in-reply.ts";

export const handler = twilioFunction(definition, "whatsapp/opt-in-reply");
