import type { Sid } from "../sid.ts";
import type { ChannelMessagePrefix } from "./account-model.ts";
import type { DeliveryStatus, Message, Origin, Participant, Receipt } from "./model.ts";
import type { Resources } from "./resources.ts";

/** Deliveries are caused by channels, so webhooks are sent for messages of every author. */
const channelOrigin: Origin = { source: "API", webhooks: true };

/** The summary of a message's receipts ("Delivery Receipts in Conversations"). */
export interface DeliverySummary {
  readonly total: number;
  readonly sent: Share;
  readonly delivered: Share;
  readonly read: Share;
  readonly failed: Share;
  readonly undelivered: Share;
}

/** The share of the receipts that have reached a status. */
export type Share = "all" | "some" | "none";

/** Creates the receipt of a message to a participant. `channelMessageSid` is the SID of the channel's message. */
export function openReceipt(
  resources: Resources,
  message: Message,
  participant: Participant,
  channelMessageSid: Sid<ChannelMessagePrefix>,
): Receipt {
  const now = resources.clock.now();
  const receipt: Receipt = {
    sid: resources.ids.sid("DY"),
    seq: message.receipts.length,
    message,
    participantSid: participant.sid,
    channelMessageSid,
    status: "sent",
    reached: [],
    errorCode: 0,
    dateCreated: now,
    dateUpdated: now,
  };
  message.receipts = [...message.receipts, receipt];
  return receipt;
}

/** The statuses that can follow each status. */
const next: Readonly<Record<DeliveryStatus | "none", readonly DeliveryStatus[]>> = {
  none: ["sent", "failed"],
  sent: ["delivered", "failed", "undelivered"],
  delivered: ["read"],
  read: [],
  failed: [],
  undelivered: [],
};

/**
 * Advances a receipt, with the error code of a failure (0: none): sent, delivered, read; or failed, before or after it
 * was sent; or undelivered ("Delivery Receipts in Conversations"). It never returns to an earlier status.
 */
export function advanceReceipt(
  resources: Resources,
  receipt: Receipt,
  status: DeliveryStatus,
  errorCode = 0,
): void {
  if (!next[receipt.reached.at(-1) ?? "none"].includes(status)) return;
  const { message } = receipt;
  const now = resources.clock.now();
  receipt.status = status;
  receipt.reached = [...receipt.reached, status];
  receipt.errorCode = errorCode;
  receipt.dateUpdated = now;
  const { conversation } = message;
  resources.publish({
    type: "onDeliveryUpdated",
    at: now,
    origin: channelOrigin,
    conversation,
    message,
    receipt,
  });
}

/**
 * Counts the receipts that have reached each status; null while there are none. A receipt that is read also counts as
 * delivered and sent, so the shares can exceed the total.
 */
export function summarizeDelivery(receipts: readonly Receipt[]): DeliverySummary | null {
  const total = receipts.length;
  if (total === 0) return null;
  const share = (status: DeliveryStatus): Share => {
    const count = receipts.filter(({ reached }) => reached.includes(status)).length;
    if (count === 0) return "none";
    return count === total ? "all" : "some";
  };
  return {
    total,
    sent: share("sent"),
    delivered: share("delivered"),
    read: share("read"),
    failed: share("failed"),
    undelivered: share("undelivered"),
  };
}
