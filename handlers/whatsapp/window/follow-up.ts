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
import { settlesAtOf } from "../../../core/twilio/once.ts";
import { addWebhook, claimWebhook } from "../../../core/twilio/own-webhook.ts";

/** The URL that receives the receipts of free text. */
export const receiptUrl = (publicBaseUrl: string): string => `${publicBaseUrl}/whatsapp/send-receipt`;

/** Error code in the receipt of free text outside the 24-hour window. */
const WINDOW_CLOSED = 63016;
/** Statuses after which only these follow (docs: Delivery receipts). */
const FINAL_STATUSES = ["delivered", "read", "failed", "undelivered"];
/** Twilio's limit of scoped webhooks in a conversation (error 50361), minus one for other programs. */
const MOST_WEBHOOKS = 4;
/** WhatsApp rejects a text at once when the window is closed: a receipt that is missing by then will not arrive. */
const STALE_AFTER_MS = 10 * 60_000;

/** The template to send if free text was too late. It is stored in the URL of the webhook for the receipts. */
export const followUp = v.object({
  /** The key in the text message's record. */
  key: v.string(),
  /** The template to send. */
  template: v.object({ contentSid: sid("HX"), contentVariables: v.exactOptional(v.string()) }),
  author: v.exactOptional(v.string()),
  /** The number of recipients on channels with receipts. */
  receipts: v.number(),
  /** See {@link SendContext}. */
  settlesAt: v.exactOptional(v.number()),
});
export type FollowUp = v.InferOutput<typeof followUp>;

/** Why there will be no follow-up. */
export type NoFollowUp = "too_many_webhooks" | "url_too_long";

/**
 * Creates a webhook for the receipts of one message (docs: Conversation scoped webhook resource). Webhooks of earlier
 * messages whose receipts never arrived are deleted first.
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
  return addWebhook(conversation, webhook, call).catch((error: unknown) => {
    if (!isTwilioError(error, { code: 50361 })) throw error;
    return "too_many_webhooks" as const;
  });
}

/** Finds the webhook for a message's receipts, and the data in its URL. */
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
 * run has sent it or is sending it. `none`: the message has no follow-up.
 */
export type FollowUpStatus = "followed" | "settled" | "waiting" | "handled" | "none";

/** Input of {@link followUpWindow}: from a receipt, or from a call that checks for a missed one. */
export interface FollowUpCheck {
  readonly messageSid: Sid<"IM">;
  readonly followUp: FollowUp;
  /** See {@link receiptUrl}. */
  readonly url: string;
  readonly log: Log;
  /** The webhook for the receipts, if it exists. The run that deletes it sends the template. */
  readonly webhookSid: Sid<"WH"> | undefined;
  /** From the receipt of `onDeliveryUpdated`, which may be newer than the receipts that the API returns. */
  readonly errorCode?: number;
}

/**
 * Sends the template once if free text was rejected because the window had closed: Twilio deletes the message's webhook
 * once, and the run that deletes it sends. It first checks whether the template exists, since an earlier run may have sent it
 * before it created the webhook again or was terminated. If the response to the deletion is lost, only a run at the same
 * moment could send it twice. Call it for each receipt, in any order and any number of times.
 */
export async function followUpWindow(
  sendContext: SendContext,
  check: FollowUpCheck,
): Promise<FollowUpStatus> {
  const { messageSid, followUp, url, webhookSid, errorCode } = check;
  const { key, template, author, receipts } = followUp;
  const { conversation, state, call } = sendContext;
  const context = conversation.messages(messageSid);
  const message = await context.fetch().catch(noneIf404);
  if (message === undefined || state.keyOf(message) !== key) return "none";
  const deleteWebhook = async () => {
    // A later attempt for the same event uses the webhook that an earlier one has created again.
    const sid = call.isQueued ? (await findListener(sendContext, url, key))?.webhookSid : webhookSid;
    return sid === undefined ? "lost" : claimWebhook(conversation, sid);
  };
  if (errorCode !== WINDOW_CLOSED) {
    const latest = await context.deliveryReceipts.list();
    if (!latest.some(isRejected)) {
      const final = latest.filter(({ status }) => FINAL_STATUSES.includes(status));
      if (final.length < receipts) return webhookSid === undefined ? "none" : "waiting";
      await deleteWebhook();
      return "settled";
    }
  }
  call.reserve();
  const claim = await deleteWebhook();
  const areOld = async () =>
    (await context.deliveryReceipts.list()).some((receipt) => isRejected(receipt) && isOld(receipt));
  if (claim === "lost" && !(await areOld())) return "handled";
  try {
    const { status } = await sendOnce(
      { ...sendContext, settlesAt: followUp.settlesAt },
      { purpose: "follow-up", key: messageSid, after: message.index },
      omitUndefined({ ...template, author }),
    );
    return status === "sent" ? "followed" : "handled";
  } catch (error) {
    await restoreWebhook(sendContext, check, error);
    throw error;
  }
}

/**
 * Creates the deleted webhook again, so that the next receipt, another attempt for this one or `whatsapp/send` finds it; logs
 * `left_unanswered` if that fails.
 */
async function restoreWebhook(
  sendContext: SendContext,
  { messageSid, followUp, url, log }: FollowUpCheck,
  error: unknown,
): Promise<void> {
  const { conversation, conversationSid, call } = sendContext;
  const about = { conversationSid, messageSid, error };
  call.spendReserve();
  try {
    if ((await findListener(sendContext, url, followUp.key)) === undefined) {
      const carrying = carry(url, omitUndefined({ ...followUp, settlesAt: settlesAtOf(error) }));
      await addWebhook(
        conversation,
        { url: carrying ?? carry(url, followUp) ?? url, event: "onDeliveryUpdated" },
        call,
      );
    }
    log.warn("put_back", about);
  } catch (cause) {
    log.error("left_unanswered", { ...about, cause });
  }
}

const isRejected = ({ errorCode }: DeliveryReceiptInstance): boolean => errorCode === WINDOW_CLOSED;

const isOld = ({ dateUpdated }: DeliveryReceiptInstance): boolean =>
  Date.now() - dateUpdated.getTime() > ABANDONED_AFTER_MS;
