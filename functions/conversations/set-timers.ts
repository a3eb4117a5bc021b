import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import setTimers from "../../handlers/conversations/set-timers.ts";

export const handler = twilioFunction(setTimers, "conversations/set-timers");
