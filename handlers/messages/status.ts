import type { DeliveryReceiptInstance as Receipt } from "twilio/lib/rest/conversations/v1/conversation/message/deliveryReceipt.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { defineHandler } from "../../core/handler.ts";
import { conversationKey, requireOwn, sid } from "../../core/input.ts";
import { state } from "../../core/state/state.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { type FailureKind, kindOf } from "../../core/twilio/delivery-errors.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { targetOf } from "../../core/twilio/target.ts";

/** The stages of delivery, in order. */
const PROGRESS = ["sent", "delivered", "read"] as const;
const LOST: readonly string[] = ["failed", "undelivered"];

/**
 * The delivery status of a message for people on phones and in messengers: its receipts in one flat answer (docs: Delivery
 * receipts). It only reads, so it is safe to repeat.
 */
export default defineHandler({
  access: backEnd("conversations:read"),
  use: { conversations, state },
  input: v.strictObject({
    /** The conversation. */
    conversationSid: conversationKey(),
    /** Whether this deployment must have created it; otherwise a 409. For unique names that a chat user could guess. */
    requireOwn: requireOwn(),
    /** The message. */
    messageSid: sid("IM"),
  }),
  async run({ messageSid, ...target }, { conversations, state }) {
    try {
      const { conversation, conversationSid } = await targetOf({ conversations, state }, target);
      const receipts = await conversation.messages(messageSid).deliveryReceipts.list();
      const lost = receipts.filter(({ status }) => LOST.includes(status));
      const [first] = lost;
      const reached = (least: number) => receipts.filter((one) => progressOf(one) >= least).length;
      return {
        status: statusOf(receipts, lost.length),
        conversationSid,
        messageSid,
        /** The number of receipts: one for each recipient outside of chat. */
        total: receipts.length,
        /** The number of recipients to whom it was delivered. */
        delivered: reached(1),
        /** The number of recipients who have read it. */
        read: reached(2),
        /** The number of recipients to whom it was not delivered. */
        failed: lost.length,
        /** Twilio's error code of the first failure; 0 if there is none. */
        errorCode: first?.errorCode ?? 0,
        /** The kind of that failure. */
        failure: first === undefined ? null : (kindOf(first.errorCode) ?? ("other" as FailureKind | "other")),
        /** All of them as JSON text: a list of objects with `participantSid`, `status` and `errorCode`. */
        receipts: JSON.stringify(
          receipts.map(({ participantSid, status, errorCode }) => ({ participantSid, status, errorCode })),
        ),
      };
    } catch (error) {
      throw explainTwilioError(error, { field: "messageSid" });
    }
  },
});

const progressOf = ({ status }: Receipt): number => (PROGRESS as readonly string[]).indexOf(status);

/**
 * `none`: it had no recipients outside of chat. `sent`, `delivered`, `read`: all recipients have at least this status.
 * `failed`: it was delivered to none. `partly`: it failed for some.
 */
function statusOf(
  receipts: readonly Receipt[],
  lost: number,
): "none" | "partly" | "failed" | (typeof PROGRESS)[number] {
  if (receipts.length === 0) return "none";
  if (lost > 0) return lost === receipts.length ? "failed" : "partly";
  return PROGRESS[Math.max(0, Math.min(...receipts.map(progressOf)))] ?? "sent";
}
