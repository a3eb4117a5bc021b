import type { Message } from "../domain/model.ts";
import { advanceReceipt, openReceipt } from "../domain/receipts.ts";
import type { World } from "../domain/world.ts";
import { carry } from "../faults/deliveries.ts";
import { conclude, type Delivery, deliver } from "./delivery.ts";
import { misfit } from "./limits.ts";
import type { Network } from "./network.ts";
import { channelSid } from "./number-messages.ts";
import { type Recipient, recipientsOf } from "./recipients.ts";
import { refusals } from "./refusals.ts";
import { showMessage } from "./rendering.ts";

/**
 * Carries a message to every participant outside chat but its author, each with a receipt that goes from sent to
 * delivered or undelivered, or fails at once ("Delivery Receipts in Conversations"). Who gets it is settled when it is
 * posted; the steps happen on the clock, after the caller has the answer.
 */
export function fanOut(world: World, message: Message, network: Network): void {
  const recipients = recipientsOf(world, message);
  if (recipients.length === 0) return;
  const fromChat = isFromChat(message);
  const { clock } = network;
  clock.schedule(clock.now(), () => {
    const deliveries = recipients.flatMap(
      (recipient) => send(world, message, recipient, fromChat, network) ?? [],
    );
    clock.schedule(clock.now(), () => {
      for (const delivery of deliveries) {
        const { channel, from: proxyAddress, to: address } = delivery.recipient;
        const places = { conversationSid: message.conversation.sid, messageSid: message.sid };
        carry(network.faults, clock, { ...places, address, proxyAddress, channel }, (refused) =>
          deliver(world, delivery, network, refused),
        );
      }
    });
  });
}

/** Sends a message, or fails it: what Twilio itself refuses never leaves. */
function send(
  world: World,
  message: Message,
  recipient: Recipient,
  fromChat: boolean,
  network: Network,
): Delivery | undefined {
  const { participant, channel, from, to } = recipient;
  const shown = showMessage(world, message, channel, fromChat);
  // A group text without media has been seen with the SID of an SMS for each recipient.
  const sid = channelSid(world, channel, channel === "sms" && shown.mediaUrls.length > 0);
  const receipt = openReceipt(world, message, participant, sid);
  const fileCount = shown.mediaUrls.length;
  const refusal =
    from === null
      ? refusals.noSender
      : (network.optOuts.refusal(to, from) ?? misfit(channel, { ...shown, fileCount, fromChat }));
  if (from === null || refusal !== undefined) {
    conclude(world, network, receipt, { from, to }, refusal);
    return undefined;
  }
  advanceReceipt(world, receipt, "sent");
  return { receipt, recipient: { ...recipient, from }, shown };
}

/** Chat participants have no address; neither has the account. */
function isFromChat({ conversation, participantSid }: Message): boolean {
  return conversation.participants.get(participantSid ?? "")?.binding?.address == null;
}
