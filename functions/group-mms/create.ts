import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/group-mms/create.ts";

export const handler = twilioFunction(definition, "group-mms/create");
