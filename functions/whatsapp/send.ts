import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/whatsapp/send.ts";

export const handler = twilioFunction(definition, "whatsapp/send");
