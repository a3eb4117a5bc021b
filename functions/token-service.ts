import { twilioFunction } from "../core/platforms/twilio-functions.ts";
import tokenService from "../handlers/token-service.ts";

export const handler = twilioFunction(tokenService, "token-service");
