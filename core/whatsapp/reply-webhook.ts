import type { WebhookInstance } from "twilio/lib/rest/conversations/v1/conversation/webhook.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import { isTwilioError } from "../twilio/errors.ts";
import { createOnce, repeatWhileUncertain } from "../twilio/once.ts";

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
    () => findReplyWebhook(conversation, url),
  );
}

/** The responder's own webhook, told from others by its URL. */
export async function findReplyWebhook(
  conversation: ConversationContext,
  url: string,
): Promise<WebhookInstance | undefined> {
  const webhooks = await conversation.webhooks.list();
  return webhooks.find((webhook) => webhook.configuration.url === url);
}

/**
 * Whether this invocation is the one that deleted the webhook. Twilio deletes it once, so of several invocations
 * exactly one gets `claimed`. `uncertain`: it is gone, and the answer that would tell by whom was lost.
 */
export type Claim = "claimed" | "uncertain" | "lost";

/** Deletes the responder's own webhook. */
export async function claimReplyWebhook(
  conversation: ConversationContext,
  webhookSid: string,
): Promise<Claim> {
  let attempts = 0;
  try {
    await repeatWhileUncertain(() => {
      attempts++;
      return conversation.webhooks(webhookSid).remove();
    });
    return "claimed";
  } catch (error) {
    if (!isTwilioError(error, { status: 404 })) throw error;
    return attempts > 1 ? "uncertain" : "lost";
  }
}
