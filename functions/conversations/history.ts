import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/conversations/history.ts";

export const handler = twilioFunction(definition, "conversations/history");
