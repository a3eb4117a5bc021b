import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import attachStudio from "../../handlers/conversations/attach-studio.ts";

export const handler = twilioFunction(attachStudio, "conversations/attach-studio");
