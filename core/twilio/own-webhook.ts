import type { WebhookInstance } from "twilio/lib/rest/conversations/v1/conversation/webhook.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import { isTwilioError } from "./errors.ts";
import { repeatWhileUncertain } from "./once.ts";

/** A responder's own scoped webhook, told from others by its URL. */
export async function findWebhook(
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

/** Deletes a responder's own webhook. */
export async function claimWebhook(conversation: ConversationContext, webhookSid: string): Promise<Claim> {
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
