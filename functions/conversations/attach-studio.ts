import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import definition from "../../handlers/conversations/attach-studio.ts";

export const handler = twilioFunction(definition, "conversations/attach-studio");
