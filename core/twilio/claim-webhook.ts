import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import { isTwilioError } from "./errors.ts";
import { repeatWhileUncertain } from "./once.ts";

/**
 * Whether this invocation is the one that deleted the webhook. Twilio deletes it once, so of several invocations
 * exactly one gets `claimed`. `uncertain`: it is gone, and the answer that would tell by whom was lost.
 */
export type Claim = "claimed" | "uncertain" | "lost";

/** Deletes a webhook that is the token of a piece of work. */
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
