import { channelOf } from "../domain/address.ts";
import { channelTraits } from "../domain/channels.ts";
import type { Participant, Receipt } from "../domain/model.ts";
import { advanceReadHorizon } from "../domain/read-horizon.ts";
import { advanceReceipt } from "../domain/receipts.ts";
import type { Resources } from "../domain/resources.ts";
import { channels } from "./channels.ts";
import type { ChannelContext } from "./context.ts";
import { deliverHeld } from "./delivery.ts";
import type { PhoneState } from "./phone-states.ts";
import type { PhoneMessage } from "./phones.ts";

/** Changes the state of a phone. One that is on receives the messages that were held for it, in order. */
export function switchPhone(
  resources: Resources,
  address: string,
  state: PhoneState,
  context: ChannelContext,
): void {
  const { phones } = context;
  phones.setState(address, state);
  if (state !== "on") return;
  for (const held of phones.release(address)) deliverHeld(resources, held, context);
}

/**
 * A person reads all messages on their phone: the receipts are read, and the person's read horizon advances ("Delivery
 * Receipts in Conversations", "Read Horizon and Read Status in Conversations"; that it advances on RCS and Messenger,
 * too, is assumed). Does nothing on a channel that reports no reads. Returns how many messages became read.
 */
export function readPhone(resources: Resources, address: string, { phones }: ChannelContext): number {
  const channel = channelOf(address);
  if (channel === undefined || !channels[channel].reportsReads) return 0;
  const read = phones.markRead(address);
  const furthest = new Map<Participant, number>();
  for (const message of read) {
    const receipt = receiptOf(resources, message);
    if (receipt === undefined) continue;
    advanceReceipt(resources, receipt, "read");
    const { conversation, seq } = receipt.message;
    const participant = conversation.participants.get(receipt.participantSid);
    if (participant !== undefined) furthest.set(participant, seq);
  }
  const origin = { source: channelTraits[channel].source, webhooks: true };
  for (const [participant, index] of furthest) advanceReadHorizon(resources, participant, index, origin);
  return read.length;
}

/** Undefined when the message or its conversation was deleted. */
function receiptOf(
  { services }: Resources,
  { sid, conversationSid, messageSid }: PhoneMessage,
): Receipt | undefined {
  for (const { conversations } of services.values()) {
    const message = conversations.get(conversationSid ?? "")?.messages.get(messageSid ?? "");
    if (message !== undefined) return message.receipts.find((receipt) => receipt.channelMessageSid === sid);
  }
  return undefined;
}
