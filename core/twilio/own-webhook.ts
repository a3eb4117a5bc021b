import type { WebhookInstance } from "twilio/lib/rest/conversations/v1/conversation/webhook.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import type { Call } from "../call.ts";
import { omitUndefined } from "../omit-undefined.ts";
import { type Sid, sidOf } from "../sid.ts";
import { withoutQuery } from "../state/carried.ts";
import { isTwilioError } from "./errors.ts";
import { createCarefully, repeatWhileUncertain } from "./once.ts";

/**
 * Lists a responder's own scoped webhooks, recognized by their URL without the query, oldest first. Usually there is one; there
 * are two if the response to the first create request was lost and that request took effect late.
 */
export async function listWebhooks(
  { webhooks }: ConversationContext,
  url: string,
): Promise<readonly WebhookInstance[]> {
  const ours = (await webhooks.list()).filter(({ configuration }) => withoutQuery(configuration.url) === url);
  return ours.sort((a, b) => a.dateCreated.getTime() - b.dateCreated.getTime() || (a.sid < b.sid ? -1 : 1));
}

/** The oldest of {@link listWebhooks}. */
export const findWebhook = async (
  conversation: ConversationContext,
  url: string,
): Promise<WebhookInstance | undefined> => (await listWebhooks(conversation, url))[0];

/** Deletes all of {@link listWebhooks}. */
export async function removeWebhooks(conversation: ConversationContext, url: string): Promise<void> {
  for (const { sid } of await listWebhooks(conversation, url))
    await claimWebhook(conversation, sidOf("WH", sid));
}

/** A scoped webhook of a responder. */
export interface OwnWebhook {
  /** Including the data in its query. */
  readonly url: string;
  readonly event: "onMessageAdded" | "onDeliveryUpdated";
  /** Index of a message: it and the messages after it are delivered again. */
  readonly replayAfter?: number;
}

/** Creates a scoped webhook that delivers a conversation's events to a responder (docs: Conversation scoped webhook resource). */
export function addWebhook(
  conversation: ConversationContext,
  { url, event, replayAfter }: OwnWebhook,
  call: Call,
): Promise<WebhookInstance> {
  return createCarefully({
    call,
    create: () =>
      conversation.webhooks.create({
        target: "webhook",
        "configuration.url": url,
        "configuration.method": "post",
        "configuration.filters": [event],
        ...omitUndefined({ "configuration.replayAfter": replayAfter }),
      }),
    find: async () =>
      (await conversation.webhooks.list()).find(({ configuration }) => configuration.url === url),
  });
}

/**
 * Whether this invocation deleted the webhook. Twilio deletes it once, so exactly one of several invocations gets `claimed`;
 * the others get `lost`. `uncertain`: it is deleted, but the response was lost, so any of them may have deleted it.
 */
export type Claim = "claimed" | "uncertain" | "lost";

/** Deletes a responder's own webhook. */
export async function claimWebhook(conversation: ConversationContext, webhookSid: Sid<"WH">): Promise<Claim> {
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
