import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/agents/pick.ts";

export const handler = twilioFunction(definition, "agents/pick");
