import { isoMillis } from "../dates.ts";
import type { Channel, Message, Receipt } from "../domain/model.ts";
import { advanceReceipt } from "../domain/receipts.ts";
import type { World } from "../domain/world.ts";
import { a2pRefusal } from "./a2p.ts";
import type { Network } from "./network.ts";
import { phoneRefusal, waitsForPhone } from "./phone-states.ts";
import type { HeldMessage, NewPhoneMessage } from "./phones.ts";
import type { Recipient } from "./recipients.ts";
import type { Refusal } from "./refusals.ts";
import type { Shown } from "./rendering.ts";
import { whatsAppRefusal } from "./whatsapp.ts";

/** A message that has left for one person. */
export interface Delivery {
  readonly receipt: Receipt;
  readonly recipient: Recipient & { readonly from: string };
  readonly shown: Shown;
}

/** How a delivery ends that does not arrive. */
type Outcome = Pick<Refusal, "status" | "code">;

/**
 * Brings a message to a phone, or says why not. A carrier has accepted an SMS, which is then delivered, also when the
 * phone is off; other channels wait for the phone ("Delivery Receipts in Conversations"). `refused` is what a fault says.
 */
export function deliver(world: World, delivery: Delivery, network: Network, refused?: Outcome): void {
  const { receipt, recipient } = delivery;
  const { channel, to } = recipient;
  const isOff = network.phones.state(to) === "off";
  const refusal =
    refused ??
    channelRefusal(world, receipt.message, recipient, network) ??
    bring(channel, onPhone(delivery), network, receipt);
  if (refusal !== undefined || !isOff || !waitsForPhone(channel))
    conclude(world, network, receipt, recipient, refusal);
}

/**
 * Shows a message on the phone that it is for, as soon as that is on, or says why that phone does not get it. What is
 * no conversation's doing has no receipt: the text of one person to another, the answer of a number.
 */
export function bring(
  channel: Channel,
  message: NewPhoneMessage,
  { clock, phones }: Network,
  receipt: Receipt | null = null,
): Refusal | undefined {
  const state = phones.state(message.to);
  const refusal = phoneRefusal(channel, state);
  if (refusal !== undefined) return refusal;
  if (state === "off") phones.hold(message.to, { message, receipt });
  else phones.add(message.to, clock.now(), message);
  return undefined;
}

/** Hands a phone what it missed while it was off; what waited for it is delivered now. */
export function deliverHeld(world: World, { message, receipt }: HeldMessage, network: Network): void {
  const { clock, phones } = network;
  phones.add(message.to, clock.now(), message);
  if (receipt !== null && !receipt.reached.includes("delivered")) conclude(world, network, receipt, message);
}

/** Notes what became of a message to one person: it is delivered unless it was refused. */
export function conclude(
  world: World,
  { clock, timeline }: Network,
  receipt: Receipt,
  { from, to }: { readonly from: string | null; readonly to: string },
  refusal?: Outcome,
): void {
  const { message } = receipt;
  const { status, code: errorCode } = refusal ?? { status: "delivered", code: 0 };
  const conversationSid = message.conversation.sid;
  const entry = { conversationSid, messageSid: message.sid, from, to, status, errorCode };
  timeline.add({ at: isoMillis(clock.now()), kind: "delivery", ...entry });
  advanceReceipt(world, receipt, status, errorCode);
}

/** Why the message does not get to the phone, whatever the phone: carriers' registration, WhatsApp's rules. */
function channelRefusal(
  world: World,
  message: Message,
  { channel, from, to }: Delivery["recipient"],
  { clock, windows, rules }: Network,
): Refusal | undefined {
  if (channel !== "whatsapp") return a2pRefusal(world, rules, from, to);
  const content = world.contents.get(message.contentSid ?? "");
  return whatsAppRefusal(content, message, windows.isOpen(to, from, clock.now()));
}

function onPhone({ receipt, recipient, shown }: Delivery): NewPhoneMessage {
  const { message } = receipt;
  return {
    sid: receipt.channelMessageSid,
    direction: "in",
    from: recipient.from,
    to: recipient.to,
    recipients: recipient.recipients,
    body: shown.body,
    media: shown.mediaUrls,
    buttons: shown.buttons,
    links: shown.links,
    location: shown.location,
    status: "delivered",
    conversationSid: message.conversation.sid,
    messageSid: message.sid,
  };
}
