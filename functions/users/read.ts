import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/users/read.ts";

export const handler = twilioFunction(definition, "users/read");
