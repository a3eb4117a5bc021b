import type { DeliveryReceiptInstance } from "twilio/lib/rest/conversations/v1/conversation/message/deliveryReceipt.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { parseAttributes } from "../../../core/twilio/attributes.ts";
import { isTwilioError, noneIf404 } from "../../../core/twilio/errors.ts";
import { ABANDONED_AFTER_MS } from "../../../core/twilio/make-conversation.ts";
import { findByKey, sendWithKey } from "../../../core/twilio/messages.ts";
import { createOnce, repeatWhileUncertain } from "../../../core/twilio/once.ts";
import { claimWebhook } from "../../../core/twilio/own-webhook.ts";

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

const followUp = v.object({
  /** The webhook that hears of the receipts. Whoever deletes it acts. */
  webhookSid: v.string(),
  /** The template that follows. */
  template: v.object({ contentSid: v.string(), contentVariables: v.exactOptional(v.string()) }),
  author: v.exactOptional(v.string()),
  /** How many people get the message by a channel with receipts. */
  receipts: v.number(),
});

/** What follows free text that came too late. It lives in the message's attributes. */
export type FollowUp = v.InferOutput<typeof followUp>;

const FOLLOW_UP_KEY = "whatsappFollowUp";

/** The attributes of free text with a follow-up. */
export const followUpAttributes = (value: FollowUp): Record<string, unknown> => ({ [FOLLOW_UP_KEY]: value });

/**
 * Attaches a webhook for the receipts of one message (docs: Conversation scoped webhook resource). Those of earlier
 * messages whose receipts never came are removed first.
 *
 * @returns its SID; none when the conversation has too many webhooks.
 */
export async function listenForReceipts(
  conversation: ConversationContext,
  url: string,
): Promise<string | undefined> {
  const before = await conversation.webhooks.list();
  const stale = before.filter(
    ({ configuration, dateCreated }) =>
      configuration.url === url && Date.now() - dateCreated.getTime() > STALE_AFTER_MS,
  );
  await Promise.all(stale.map(({ sid }) => claimWebhook(conversation, sid)));
  if (before.length - stale.length >= MOST_WEBHOOKS) return undefined;
  const known = new Set(before.map(({ sid }) => sid));
  const webhook = await createOnce(
    () =>
      conversation.webhooks.create({
        target: "webhook",
        "configuration.url": url,
        "configuration.method": "post",
        "configuration.filters": ["onDeliveryUpdated"],
      }),
    async () =>
      (await conversation.webhooks.list()).find(
        ({ sid, configuration }) => configuration.url === url && !known.has(sid),
      ),
  ).catch((error: unknown) => {
    if (!isTwilioError(error, { code: 50361 })) throw error;
    return undefined;
  });
  return webhook?.sid;
}

/**
 * `followed`: the template was sent. `settled`: it is not needed. `waiting`: not all receipts are final. `handled`: another
 * run has sent it, or is at it. `none`: the message has no follow-up.
 */
export type FollowUpStatus = "followed" | "settled" | "waiting" | "handled" | "none";

/**
 * Sends the template that is to follow free text for which the window had closed in between, once: Twilio deletes the
 * message's webhook once, and whoever deletes it sends. Where the answer to that is lost, or whoever deleted it must be
 * gone by now, the template is looked up before it is sent; only a twin in that very moment could double it. Call it with
 * each receipt, in any order, and as often as Twilio does; or without one, for what a receipt that never came has left
 * undone.
 *
 * @param receipt Of `onDeliveryUpdated`, which may be ahead of the receipts that can be read.
 */
export async function followUpWindow(
  conversation: ConversationContext,
  { messageSid, errorCode }: { readonly messageSid: string; readonly errorCode?: number },
): Promise<FollowUpStatus> {
  const context = conversation.messages(messageSid);
  // A receipt comes once, so what is read for it is worth another try.
  const message = await repeatWhileUncertain(() => context.fetch()).catch(noneIf404);
  const receipts = () => repeatWhileUncertain(() => context.deliveryReceipts.list());
  const read = v.safeParse(followUp, message && parseAttributes(message.attributes)[FOLLOW_UP_KEY]);
  if (!read.success) return "none";
  const { webhookSid, template, author } = read.output;
  if (errorCode !== WINDOW_CLOSED) {
    const latest = await receipts();
    if (!latest.some(isRefused)) {
      const final = latest.filter(({ status }) => FINAL_STATUSES.includes(status));
      if (final.length < read.output.receipts) return "waiting";
      await claimWebhook(conversation, webhookSid);
      return "settled";
    }
  }
  const claim = await claimWebhook(conversation, webhookSid);
  if (claim === "lost" && !(await receipts()).some((receipt) => isRefused(receipt) && isOld(receipt))) {
    return "handled";
  }
  const key = `follow-up-${messageSid}`;
  if (claim !== "claimed" && (await findByKey(conversation, key, message?.index))) return "handled";
  await sendWithKey(conversation, key, { ...template, ...(author !== undefined && { author }) });
  return "followed";
}

const isRefused = ({ errorCode }: DeliveryReceiptInstance): boolean => errorCode === WINDOW_CLOSED;

const isOld = ({ dateUpdated }: DeliveryReceiptInstance): boolean =>
  Date.now() - dateUpdated.getTime() > ABANDONED_AFTER_MS;
