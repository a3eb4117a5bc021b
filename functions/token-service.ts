import { twilioFunction } from "../core/platforms/twilio-functions.ts";
import definition from "../handlers/token-service.ts";

export const handler = twilioFunction(definition, "token-service");
