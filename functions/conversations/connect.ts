import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import connect from "../../handlers/conversations/connect.ts";

export const handler = twilioFunction(connect, "conversations/connect");
