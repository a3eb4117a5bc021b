import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import optIn from "../../handlers/whatsapp/opt-in.ts";

export const handler = twilioFunction(optIn, "whatsapp/opt-in");
