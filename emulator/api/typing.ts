import { messagingRules } from "../domain/rules/messaging.ts";
import type { Handler } from "./call.ts";

/** POST /v2/Indicators/Typing.json: the person sees that an answer to their message, `messageId`, is being typed */
export const create: Handler = ({ form, resources }) => {
  if (form.get("channel")?.toLowerCase() !== "whatsapp") throw messagingRules.typingChannelInvalid();
  const message = resources.channelMessages.get(form.get("messageId") ?? "");
  const isOnWhatsApp = message?.from?.startsWith("whatsapp:") && message.direction === "inbound";
  if (!isOnWhatsApp) throw messagingRules.typingMessageInvalid();
  return { status: 200, body: { success: true } };
};
