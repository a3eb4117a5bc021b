import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import find from "../../handlers/conversations/find.ts";

export const handler = twilioFunction(find, "conversations/find");
