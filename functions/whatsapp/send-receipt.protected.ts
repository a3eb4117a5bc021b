import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/whatsapp/send-receipt.ts";

export const handler = twilioFunction(definition, "whatsapp/send-receipt");
