import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/media/send.ts";

export const handler = twilioFunction(definition, "media/send");
