import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/conversations/find.ts";

export const handler = twilioFunction(definition, "conversations/find");
