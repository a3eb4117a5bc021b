import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import removeParticipant from "../../handlers/conversations/remove-participant.ts";

export const handler = twilioFunction(removeParticipant, "conversations/remove-participant");
