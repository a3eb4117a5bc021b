import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/conversations/set-timers.ts";

export const handler = twilioFunction(definition, "conversations/set-timers");
