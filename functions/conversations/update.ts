import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/conversations/update.ts";

export const handler = twilioFunction(definition, "conversations/update");
