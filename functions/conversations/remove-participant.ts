import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/conversations/remove-participant.ts";

export const handler = twilioFunction(definition, "conversations/remove-participant");
