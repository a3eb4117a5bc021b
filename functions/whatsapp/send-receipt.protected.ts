import { twilioFunction } from "../../core/platforms/twilio-functions.ts";
import sendReceipt from "../../handlers/whatsapp/send-receipt.ts";

export const handler = twilioFunction(sendReceipt, "whatsapp/send-receipt");
