import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/conversations/participants.ts";

export const handler = twilioFunction(definition, "conversations/participants");
