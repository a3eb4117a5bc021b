import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/conversations/transfer.ts";

export const handler = twilioFunction(definition, "conversations/transfer");
