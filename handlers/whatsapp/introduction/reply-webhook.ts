import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import { createOnce } from "../../../core/twilio/once.ts";
import { findWebhook } from "../../../core/twilio/own-webhook.ts";

/** Where Twilio delivers an invitee's reply, below the deployment's address. */
export const replyUrl = (publicBaseUrl: string): string => `${publicBaseUrl}/whatsapp/opt-in-reply`;

/**
 * Has Twilio deliver the conversation's new messages to the responder, through a scoped webhook (docs: Conversation
 * scoped webhook resource).
 *
 * @param replayAfter Index of a message: it and what came after it are delivered once more.
 */
export async function listenForReply(
  conversation: ConversationContext,
  url: string,
  replayAfter?: number,
): Promise<void> {
  await createOnce(
    () =>
      conversation.webhooks.create({
        target: "webhook",
        "configuration.url": url,
        "configuration.method": "post",
        "configuration.filters": ["onMessageAdded"],
        ...(replayAfter !== undefined && { "configuration.replayAfter": replayAfter }),
      }),
    () => findWebhook(conversation, url),
  );
}
