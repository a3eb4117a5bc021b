import { isoMillis } from "../dates.ts";
import type { Message } from "../domain/model.ts";
import { advanceReceipt, openReceipt } from "../domain/receipts.ts";
import type { Resources } from "../domain/resources.ts";
import { transmit } from "../faults/deliveries.ts";
import { channels, messageSid } from "./channels.ts";
import type { ChannelContext } from "./context.ts";
import { deliver, type OutboundMessage, recordOutcome } from "./delivery.ts";
import { deliveryErrors } from "./delivery-errors.ts";
import { checkLimits } from "./limits.ts";
import { type Recipient, recipientsOf } from "./recipients.ts";
import { renderMessage } from "./rendering.ts";

/**
 * Sends a message to every participant outside chat except its author, each with a receipt that goes from sent to
 * delivered or undelivered, or fails at once ("Delivery Receipts in Conversations"). The recipients are the
 * participants at the time of posting; sending and delivering are tasks on the clock, after the caller has the
 * response.
 */
export function fanOut(resources: Resources, message: Message, context: ChannelContext): void {
  noteUnsent(message, context);
  const recipients = recipientsOf(resources, message);
  if (recipients.length === 0) return;
  const fromChat = isFromChat(message);
  const { clock } = context;
  clock.schedule(clock.now(), () => {
    const sent = recipients.flatMap(
      (recipient) => send(resources, message, recipient, fromChat, context) ?? [],
    );
    clock.schedule(clock.now(), () => {
      for (const outbound of sent) {
        const { channel, from: proxyAddress, to: address } = outbound.recipient;
        const about = { conversationSid: message.conversation.sid, messageSid: message.sid };
        transmit(context.faults, clock, { ...about, address, proxyAddress, channel }, (failure) =>
          deliver(resources, outbound, context, failure),
        );
      }
    });
  });
}

/**
 * Reports on the timeline and in the log that a message is not sent to participants on channels that are not emulated.
 */
function noteUnsent({ conversation, participantSid, sid }: Message, context: ChannelContext): void {
  for (const participant of conversation.participants.values()) {
    const { binding } = participant;
    if (binding?.type !== "email" || participant.sid === participantSid) continue;
    const error = `${binding.type} is not emulated: the message was not sent`;
    const entry = { conversationSid: conversation.sid, messageSid: sid, from: null, to: binding.address };
    context.timeline.add({ at: isoMillis(context.clock.now()), kind: "delivery", ...entry, error });
    context.log(`message ${sid} to ${binding.address}: ${error}`);
  }
}

/** Sends a message, or fails it: messages that Twilio itself rejects are never sent. */
function send(
  resources: Resources,
  message: Message,
  recipient: Recipient,
  fromChat: boolean,
  context: ChannelContext,
): OutboundMessage | undefined {
  const { participant, channel, from, to } = recipient;
  const rendered = renderMessage(resources, message, channel, fromChat);
  const fileCount = rendered.mediaUrls.length;
  // A group text without media was observed with the SID of an SMS for each recipient.
  const sid = messageSid(resources, channel, fileCount > 0 ? "media" : "text");
  const receipt = openReceipt(resources, message, participant, sid);
  const limits = channels[channel].fileLimits[fromChat ? "fromChat" : "fromPerson"];
  const error =
    from === null
      ? deliveryErrors.noSender
      : (context.optOuts.check(to, from) ??
        context.sandbox.check(to, from, context.clock.now()) ??
        checkLimits(limits, { ...rendered, fileCount }));
  if (from === null || error !== undefined) {
    recordOutcome(resources, context, receipt, { from, to }, error);
    return undefined;
  }
  advanceReceipt(resources, receipt, "sent");
  return { receipt, recipient: { ...recipient, from }, rendered };
}

/** Neither chat participants nor the account have an address. */
function isFromChat({ conversation, participantSid }: Message): boolean {
  return conversation.participants.get(participantSid ?? "")?.binding?.address == null;
}
