import { twilioFunction } from "../core/platforms/twilio-functions.ts";
import token from "../handlers/token.ts";

export const handler = twilioFunction(token, "token");
