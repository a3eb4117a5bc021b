import { isoMillis } from "../dates.ts";
import type { Channel } from "../domain/channels.ts";
import type { Receipt } from "../domain/model.ts";
import { advanceReceipt } from "../domain/receipts.ts";
import type { Resources } from "../domain/resources.ts";
import { channels, phoneError } from "./channels.ts";
import type { ChannelContext } from "./context.ts";
import type { DeliveryError } from "./delivery-errors.ts";
import type { HeldMessage, NewPhoneMessage } from "./phones.ts";
import type { Recipient } from "./recipients.ts";
import type { RenderedMessage } from "./rendering.ts";

/** A message of a conversation that was sent to one person. */
export interface OutboundMessage {
  readonly receipt: Receipt;
  readonly recipient: Recipient & { readonly from: string };
  readonly rendered: RenderedMessage;
}

/** Status and code of a message that is not delivered. */
type Failure = Pick<DeliveryError, "status" | "code">;

/**
 * Delivers a message to a phone, or records the error. While the phone is off, a channel that waits for it leaves the
 * receipt at `sent` ("Delivery Receipts in Conversations"). `injected` is the failure of a fault.
 */
export function deliver(
  resources: Resources,
  outbound: OutboundMessage,
  context: ChannelContext,
  injected?: Failure,
): void {
  const { receipt, recipient } = outbound;
  const { channel, from, to } = recipient;
  const { contentSid, contentVariables } = receipt.message;
  const isOff = context.phones.state(to) === "off";
  const failure =
    injected ??
    channels[channel].check({
      resources,
      rules: context.rules,
      from,
      to,
      content: resources.contents.get(contentSid ?? ""),
      contentVariables,
      windowIsOpen: context.windows.isOpen(to, from, context.clock.now()),
    }) ??
    sendToPhone(channel, toPhoneMessage(outbound), context, receipt);
  if (failure !== undefined || !isOff || !channels[channel].waitsForPhone)
    recordOutcome(resources, context, receipt, recipient, failure);
}

/**
 * Shows a message on the phone that it is sent to, as soon as the phone is on. Returns the error when it cannot be
 * delivered. Messages outside conversations have no receipt: texts between people, replies of a number.
 */
export function sendToPhone(
  channel: Channel,
  message: NewPhoneMessage,
  { clock, phones }: ChannelContext,
  receipt: Receipt | null = null,
): DeliveryError | undefined {
  const state = phones.state(message.to);
  const error = phoneError(channel, state);
  if (error !== undefined) return error;
  if (state === "off") phones.hold(message.to, { message, receipt });
  else phones.add(message.to, clock.now(), message);
  return undefined;
}

/** Shows a message that was held while its phone was off, and records that it is delivered now. */
export function deliverHeld(
  resources: Resources,
  { message, receipt }: HeldMessage,
  context: ChannelContext,
): void {
  const { clock, phones } = context;
  phones.add(message.to, clock.now(), message);
  if (receipt !== null && !receipt.reached.includes("delivered"))
    recordOutcome(resources, context, receipt, message);
}

/** Records the outcome of a message to one person: delivered, unless there is a failure. */
export function recordOutcome(
  resources: Resources,
  { clock, timeline }: ChannelContext,
  receipt: Receipt,
  { from, to }: { readonly from: string | null; readonly to: string },
  failure?: Failure,
): void {
  const { message } = receipt;
  const { status, code: errorCode } = failure ?? { status: "delivered", code: 0 };
  const conversationSid = message.conversation.sid;
  const entry = { conversationSid, messageSid: message.sid, from, to, status, errorCode };
  timeline.add({ at: isoMillis(clock.now()), kind: "delivery", ...entry });
  advanceReceipt(resources, receipt, status, errorCode);
}

function toPhoneMessage({ receipt, recipient, rendered }: OutboundMessage): NewPhoneMessage {
  const { message } = receipt;
  return {
    sid: receipt.channelMessageSid,
    direction: "in",
    from: recipient.from,
    to: recipient.to,
    recipients: recipient.recipients,
    body: rendered.body,
    media: rendered.mediaUrls,
    buttons: rendered.choices.map(({ title }) => title),
    choices: rendered.choices,
    links: rendered.links,
    location: rendered.location,
    status: "delivered",
    conversationSid: message.conversation.sid,
    messageSid: message.sid,
  };
}
