import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import addParticipant from "../../handlers/group-mms/add-participant.ts";

export const handler = twilioFunction(addParticipant, "group-mms/add-participant");
