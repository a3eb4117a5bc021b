import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import type { Call } from "../../../core/call.ts";
import { omitUndefined } from "../../../core/omit-undefined.ts";
import { carry } from "../../../core/state/carried.ts";
import { addWebhook } from "../../../core/twilio/own-webhook.ts";
import { digestOf, type Plan, planOf, planSchema } from "./record.ts";

/** Where Twilio delivers an invitee's reply, below the deployment's address. */
export const replyUrl = (publicBaseUrl: string): string => `${publicBaseUrl}/whatsapp/opt-in-reply`;

/** What the URL of the webhook carries: the plan, or where that is too long, what it is known again by. */
export const carriedPlan = v.object({
  plan: v.exactOptional(planSchema),
  digest: v.exactOptional(v.string()),
  /** How often it has been put back after a failure. */
  attempt: v.optional(v.number(), 0),
});

/** The webhook through which an introduction hears the invitee. */
export interface ReplyWebhook {
  /** See {@link replyUrl}. */
  readonly url: string;
  readonly plan: Plan;
  readonly attempt?: number;
  /** Index of a message: it and what came after it are delivered once more. */
  readonly replayAfter?: number;
}

/** Has Twilio deliver the conversation's new messages to the responder. */
export async function listenForReply(
  conversation: ConversationContext,
  { url, plan, attempt = 0, replayAfter }: ReplyWebhook,
  options: { readonly call: Call; readonly isTakenBack?: boolean },
): Promise<void> {
  const carrying =
    carry(url, { plan: planOf(plan), attempt }) ?? carry(url, { digest: digestOf(plan), attempt }) ?? url;
  const webhook = { url: carrying, event: "onMessageAdded" } as const;
  await addWebhook(conversation, omitUndefined({ ...webhook, replayAfter }), options);
}
