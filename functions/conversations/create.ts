import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/conversations/create.ts";

export const handler = twilioFunction(definition, "conversations/create");
