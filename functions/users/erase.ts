import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/users/erase.ts";

export const handler = twilioFunction(definition, "users/erase");
