import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/group-mms/transfer.ts";

export const handler = twilioFunction(definition, "group-mms/transfer");
