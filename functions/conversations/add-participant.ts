import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import addParticipant from "../../handlers/conversations/add-participant.ts";

export const handler = twilioFunction(addParticipant, "conversations/add-participant");
