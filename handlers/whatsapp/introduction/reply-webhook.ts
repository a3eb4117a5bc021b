import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import type { Call } from "../../../core/call.ts";
import { omitUndefined } from "../../../core/omit-undefined.ts";
import { carry } from "../../../core/state/carried.ts";
import type { SendContext } from "../../../core/state/send-once.ts";
import { addWebhook } from "../../../core/twilio/own-webhook.ts";
import { digestOf, type Plan, planOf, planSchema } from "./record.ts";

/** The URL of the webhook for an invitee's reply. */
export const replyUrl = (publicBaseUrl: string): string => `${publicBaseUrl}/whatsapp/opt-in-reply`;

/** The data in the webhook's URL: the plan, or its digest if it is too long. */
export const carriedPlan = v.object({
  plan: v.exactOptional(planSchema),
  digest: v.exactOptional(v.string()),
  /** How often the webhook was added again after a failure. */
  attempt: v.optional(v.number(), 0),
  /** See {@link SendContext}. */
  settlesAt: v.exactOptional(v.number()),
});

/** The webhook for an invitee's reply. */
export interface ReplyWebhook {
  /** See {@link replyUrl}. */
  readonly url: string;
  readonly plan: Plan;
  readonly attempt?: number;
  readonly settlesAt?: number | undefined;
  /** Index of a message: it and the messages after it are delivered again. */
  readonly replayAfter?: number;
}

/** Adds the webhook that delivers the conversation's new messages to the responder. */
export async function listenForReply(
  conversation: ConversationContext,
  { url, plan, attempt = 0, settlesAt, replayAfter }: ReplyWebhook,
  call: Call,
): Promise<void> {
  const progress = omitUndefined({ attempt, settlesAt });
  const carrying =
    carry(url, { plan: planOf(plan), ...progress }) ??
    carry(url, { digest: digestOf(plan), ...progress }) ??
    url;
  const webhook = { url: carrying, event: "onMessageAdded" } as const;
  await addWebhook(conversation, omitUndefined({ ...webhook, replayAfter }), call);
}
