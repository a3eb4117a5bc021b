import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import unread from "../../handlers/users/unread.ts";

export const handler = twilioFunction(unread, "users/unread");
