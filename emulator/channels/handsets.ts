import { channelOf, sourceOf } from "../domain/address.ts";
import type { Participant, Receipt } from "../domain/model.ts";
import { advanceReadHorizon } from "../domain/read-horizon.ts";
import { advanceReceipt } from "../domain/receipts.ts";
import type { World } from "../domain/world.ts";
import { deliverHeld } from "./delivery.ts";
import type { Network } from "./network.ts";
import type { PhoneState } from "./phone-states.ts";
import type { PhoneMessage } from "./phones.ts";

/** Gives a phone a state. One that is on gets what it missed, in order. */
export function switchPhone(world: World, address: string, state: PhoneState, network: Network): void {
  const { phones } = network;
  phones.setState(address, state);
  if (state !== "on") return;
  for (const held of phones.release(address)) deliverHeld(world, held, network);
}

/**
 * A person reads all that their phone shows: the receipts are read, and the person's read horizon moves on by itself
 * ("Delivery Receipts in Conversations", "Read Horizon and Read Status in Conversations"; that it moves on RCS and
 * Messenger, too, is assumed). Nobody is told of what is read on SMS. Returns how many messages became read.
 */
export function readPhone(world: World, address: string, { phones }: Network): number {
  const channel = channelOf(address);
  if (channel === undefined || channel === "sms") return 0;
  const read = phones.markRead(address);
  const furthest = new Map<Participant, number>();
  for (const message of read) {
    const receipt = receiptOf(world, message);
    if (receipt === undefined) continue;
    advanceReceipt(world, receipt, "read");
    const { conversation, seq } = receipt.message;
    const participant = conversation.participants.get(receipt.participantSid);
    if (participant !== undefined) furthest.set(participant, seq);
  }
  const origin = { source: sourceOf[channel], webhooks: true };
  for (const [participant, index] of furthest) advanceReadHorizon(world, participant, index, origin);
  return read.length;
}

/** Undefined when the message or its conversation has been deleted. */
function receiptOf(
  { services }: World,
  { sid, conversationSid, messageSid }: PhoneMessage,
): Receipt | undefined {
  for (const { conversations } of services.values()) {
    const message = conversations.get(conversationSid ?? "")?.messages.get(messageSid ?? "");
    if (message !== undefined) return message.receipts.find((receipt) => receipt.channelMessageSid === sid);
  }
  return undefined;
}
