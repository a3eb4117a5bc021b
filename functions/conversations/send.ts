import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/conversations/send.ts";

export const handler = twilioFunction(definition, "conversations/send");
