import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/users/export.ts";

export const handler = twilioFunction(definition, "users/export");
