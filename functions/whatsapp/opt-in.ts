import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/whatsapp/opt-in.ts";

export const handler = twilioFunction(definition, "whatsapp/opt-in");
