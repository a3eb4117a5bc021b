import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/hours/check.ts";

export const handler = twilioFunction(definition, "hours/check");
