import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/messages/status.ts";

export const handler = twilioFunction(definition, "messages/status");
