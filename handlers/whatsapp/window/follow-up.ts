import type { DeliveryReceiptInstance } from "twilio/lib/rest/conversations/v1/conversation/message/deliveryReceipt.js";
import type { WebhookInstance } from "twilio/lib/rest/conversations/v1/conversation/webhook.js";
import * as v from "valibot";
import { sid } from "../../../core/input.ts";
import type { Log } from "../../../core/log.ts";
import { omitUndefined } from "../../../core/omit-undefined.ts";
import { type Sid, sidOf } from "../../../core/sid.ts";
import { carry, readCarried, withoutQuery } from "../../../core/state/carried.ts";
import { type SendContext, sendOnce } from "../../../core/state/send-once.ts";
import { isTwilioError, noneIf404 } from "../../../core/twilio/errors.ts";
import { ABANDONED_AFTER_MS } from "../../../core/twilio/make-conversation.ts";
import { addWebhook, claimWebhook } from "../../../core/twilio/own-webhook.ts";

/** Where Twilio delivers the receipts of free text, below the deployment's address. */
export const receiptUrl = (publicBaseUrl: string): string => `${publicBaseUrl}/whatsapp/send-receipt`;

/** WhatsApp's refusal of free text outside the 24-hour window, in a receipt. */
const WINDOW_CLOSED = 63016;
/** Statuses that nothing but each other follows (docs: Delivery receipts). */
const FINAL_STATUSES = ["delivered", "read", "failed", "undelivered"];
/** Twilio's limit of scoped webhooks in a conversation (error 50361), but one that is left to others. */
const MOST_WEBHOOKS = 4;
/** WhatsApp says at once when the window is closed. What has not come by then will not come. */
const STALE_AFTER_MS = 10 * 60_000;

/** What follows free text that came too late. It lives in the URL of the webhook that hears of the receipts. */
export const followUp = v.object({
  /** The text, by the key in its record. */
  key: v.string(),
  /** The template that follows. */
  template: v.object({ contentSid: sid("HX"), contentVariables: v.exactOptional(v.string()) }),
  author: v.exactOptional(v.string()),
  /** How many people get the message by a channel with receipts. */
  receipts: v.number(),
});
export type FollowUp = v.InferOutput<typeof followUp>;

/** Why there will be no follow-up. */
export type NoFollowUp = "too_many_webhooks" | "url_too_long";

/**
 * Attaches a webhook for the receipts of one message (docs: Conversation scoped webhook resource). Those of earlier
 * messages whose receipts never came are removed first.
 */
export async function listenForReceipts(
  { conversation, call }: SendContext,
  url: string,
  value: FollowUp,
): Promise<WebhookInstance | NoFollowUp> {
  const carrying = carry(url, value);
  if (carrying === undefined) return "url_too_long";
  const before = await conversation.webhooks.list();
  const stale = before.filter(
    ({ configuration, dateCreated }) =>
      withoutQuery(configuration.url) === url && Date.now() - dateCreated.getTime() > STALE_AFTER_MS,
  );
  await Promise.all(stale.map(({ sid }) => claimWebhook(conversation, sidOf("WH", sid))));
  if (before.length - stale.length >= MOST_WEBHOOKS) return "too_many_webhooks";
  const webhook = { url: carrying, event: "onDeliveryUpdated" } as const;
  return addWebhook(conversation, webhook, { call, isTakenBack: true }).catch((error: unknown) => {
    if (!isTwilioError(error, { code: 50361 })) throw error;
    return "too_many_webhooks" as const;
  });
}

/** The webhook that hears of a message's receipts, and what it carries. */
export async function findListener(
  { conversation }: SendContext,
  url: string,
  key: string,
): Promise<{ readonly webhookSid: Sid<"WH">; readonly followUp: FollowUp } | undefined> {
  for (const { sid, configuration } of await conversation.webhooks.list()) {
    if (withoutQuery(configuration.url) !== url) continue;
    const carried = readCarried(followUp, configuration.url);
    if (carried?.key === key) return { webhookSid: sidOf("WH", sid), followUp: carried };
  }
  return undefined;
}

/**
 * `followed`: the template was sent. `settled`: it is not needed. `waiting`: not all receipts are final. `handled`: another
 * run has sent it, or is at it. `none`: the message has no follow-up.
 */
export type FollowUpStatus = "followed" | "settled" | "waiting" | "handled" | "none";

/** A receipt, or a look without one for what a receipt that never came has left undone. */
export interface Occasion {
  readonly messageSid: Sid<"IM">;
  readonly followUp: FollowUp;
  /** See {@link receiptUrl}. */
  readonly url: string;
  readonly log: Log;
  /** The webhook that hears of the receipts. Whoever deletes it acts. None where it is gone. */
  readonly webhookSid: Sid<"WH"> | undefined;
  /** Of a receipt of `onDeliveryUpdated`, which may be ahead of the receipts that can be read. */
  readonly errorCode?: number;
}

/**
 * Sends the template that is to follow free text for which the window had closed in between, once: Twilio deletes the
 * message's webhook once, and whoever deletes it sends. The template is looked up first, since an earlier run may have sent it
 * before it put the webhook back, or was ended. Where the answer to the deletion is lost, only a twin in that very moment could double it. Call it with
 * each receipt, in any order, and as often as Twilio does.
 */
export async function followUpWindow(sendContext: SendContext, occasion: Occasion): Promise<FollowUpStatus> {
  const { messageSid, followUp, url, webhookSid, errorCode } = occasion;
  const { key, template, author, receipts } = followUp;
  const { conversation, state, call } = sendContext;
  const context = conversation.messages(messageSid);
  const message = await context.fetch().catch(noneIf404);
  if (message === undefined || state.keyOf(message) !== key) return "none";
  const claimIt = async () => {
    // A later attempt of one event finds the webhook that an earlier one has put back.
    const sid = call.isQueued ? (await findListener(sendContext, url, key))?.webhookSid : webhookSid;
    return sid === undefined ? "lost" : claimWebhook(conversation, sid);
  };
  if (errorCode !== WINDOW_CLOSED) {
    const latest = await context.deliveryReceipts.list();
    if (!latest.some(isRefused)) {
      const final = latest.filter(({ status }) => FINAL_STATUSES.includes(status));
      if (final.length < receipts) return webhookSid === undefined ? "none" : "waiting";
      await claimIt();
      return "settled";
    }
  }
  const claim = await claimIt();
  const areOld = async () =>
    (await context.deliveryReceipts.list()).some((receipt) => isRefused(receipt) && isOld(receipt));
  if (claim === "lost" && !(await areOld())) return "handled";
  try {
    const { status } = await sendOnce(
      sendContext,
      { purpose: "follow-up", key: messageSid, after: message.index },
      omitUndefined({ ...template, author }),
      { isTakenBack: true },
    );
    return status === "sent" ? "followed" : "handled";
  } catch (error) {
    await putBack(sendContext, occasion, error);
    throw error;
  }
}

/**
 * Makes the webhook anew that was claimed, so that the next receipt, another attempt of this one or `whatsapp/send` finds it; or
 * says in the log that nobody will.
 */
async function putBack(
  sendContext: SendContext,
  { messageSid, followUp, url, log }: Occasion,
  error: unknown,
): Promise<void> {
  const { conversation, conversationSid, call } = sendContext;
  const about = { conversationSid, messageSid, error };
  call.spendReserve();
  try {
    if ((await findListener(sendContext, url, followUp.key)) === undefined) {
      await addWebhook(
        conversation,
        { url: carry(url, followUp) ?? url, event: "onDeliveryUpdated" },
        { call },
      );
    }
    log.warn("put_back", about);
  } catch (cause) {
    log.error("left_unanswered", { ...about, cause });
  }
}

const isRefused = ({ errorCode }: DeliveryReceiptInstance): boolean => errorCode === WINDOW_CLOSED;

const isOld = ({ dateUpdated }: DeliveryReceiptInstance): boolean =>
  Date.now() - dateUpdated.getTime() > ABANDONED_AFTER_MS;
