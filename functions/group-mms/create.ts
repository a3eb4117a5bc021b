import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import create from "../../handlers/group-mms/create.ts";

export const handler = twilioFunction(create, "group-mms/create");
