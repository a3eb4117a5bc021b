import { isoMillis } from "../dates.ts";
import type { DeliveryStatus, Receipt } from "../domain/model.ts";
import { advanceReceipt } from "../domain/receipts.ts";
import type { World } from "../domain/world.ts";
import type { Refusal } from "../faults/deliveries.ts";
import { a2pRefusal } from "./a2p.ts";
import type { Network } from "./network.ts";
import { phoneRefusal, waitsForPhone } from "./phone-states.ts";
import type { HeldMessage, NewPhoneMessage } from "./phones.ts";
import type { Recipient } from "./recipients.ts";
import type { Shown } from "./rendering.ts";
import { whatsAppRefusal } from "./whatsapp.ts";

/** A message that has left for one person. */
export interface Delivery {
  readonly receipt: Receipt;
  readonly recipient: Recipient & { readonly from: string };
  readonly shown: Shown;
}

/**
 * Brings a message to a phone, or says why not. A carrier has accepted an SMS, which is then delivered, also when the
 * phone is off; other channels wait for the phone ("Delivery Receipts in Conversations"). `refused` is what a fault says.
 */
export function deliver(world: World, delivery: Delivery, network: Network, refused?: Refusal): void {
  const { receipt, recipient } = delivery;
  const { clock, phones } = network;
  const { channel, to } = recipient;
  if (refused !== undefined) {
    conclude(world, network, receipt, recipient, refused.status, refused.errorCode);
    return;
  }
  const errorCode = refusal(world, delivery, network);
  if (errorCode !== 0) {
    conclude(world, network, receipt, recipient, "undelivered", errorCode);
    return;
  }
  const isOff = phones.state(to) === "off";
  const message = onPhone(delivery);
  if (isOff) phones.hold(to, { message, receipt });
  else phones.add(to, clock.now(), message);
  if (!isOff || !waitsForPhone(channel)) conclude(world, network, receipt, recipient, "delivered", 0);
}

/** Hands a phone what it missed while it was off; what waited for it is delivered now. */
export function deliverHeld(world: World, { message, receipt }: HeldMessage, network: Network): void {
  const { clock, phones } = network;
  phones.add(message.to, clock.now(), message);
  if (!receipt.reached.includes("delivered")) conclude(world, network, receipt, message, "delivered", 0);
}

/** Notes what became of a message to one person, with an error code or 0. */
export function conclude(
  world: World,
  { clock, timeline }: Network,
  receipt: Receipt,
  { from, to }: { readonly from: string | null; readonly to: string },
  status: DeliveryStatus,
  errorCode: number,
): void {
  const { message } = receipt;
  const conversationSid = message.conversation.sid;
  const entry = { conversationSid, messageSid: message.sid, from, to, status, errorCode };
  timeline.add({ at: isoMillis(clock.now()), kind: "delivery", ...entry });
  advanceReceipt(world, receipt, status, errorCode);
}

/** Why the message does not get to the phone: the carriers' registration, WhatsApp's rules, the phone itself. */
function refusal(world: World, { receipt, recipient }: Delivery, network: Network): number {
  const { message } = receipt;
  const { channel, from, to } = recipient;
  const { clock, phones, windows, rules } = network;
  if (channel === "sms" && rules.a2p) {
    const errorCode = a2pRefusal(world, from, to);
    if (errorCode !== 0) return errorCode;
  }
  if (channel === "whatsapp") {
    const content = world.contents.get(message.contentSid ?? "");
    const errorCode = whatsAppRefusal(content, message, windows.isOpen(to, from, clock.now()));
    if (errorCode !== 0) return errorCode;
  }
  return phoneRefusal(phones.state(to), channel) ?? 0;
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
