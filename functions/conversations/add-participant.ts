import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/conversations/add-participant.ts";

export const handler = twilioFunction(definition, "conversations/add-participant");
