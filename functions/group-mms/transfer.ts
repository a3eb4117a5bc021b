import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import transfer from "../../handlers/group-mms/transfer.ts";

export const handler = twilioFunction(transfer, "group-mms/transfer");
