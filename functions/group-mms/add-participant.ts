import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/group-mms/add-participant.ts";

export const handler = twilioFunction(definition, "group-mms/add-participant");
