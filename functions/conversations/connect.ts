import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/conversations/connect.ts";

export const handler = twilioFunction(definition, "conversations/connect");
