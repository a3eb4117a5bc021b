import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/users/unread.ts";

export const handler = twilioFunction(definition, "users/unread");
