import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/users/update.ts";

export const handler = twilioFunction(definition, "users/update");
