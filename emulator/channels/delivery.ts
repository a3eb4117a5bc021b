import { isoMillis } from "../dates.ts";
import type { Message, Receipt } from "../domain/model.ts";
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

/**
 * Brings a message to a phone, or says why not. A carrier has accepted an SMS, which is then delivered, also when the
 * phone is off; other channels wait for the phone ("Delivery Receipts in Conversations").
 */
export function deliver(world: World, delivery: Delivery, network: Network): void {
  const { receipt, recipient } = delivery;
  const { clock, phones } = network;
  const { channel, to } = recipient;
  const refusal = refusalOf(world, delivery, network);
  if (refusal !== undefined) {
    conclude(world, network, receipt, recipient, refusal);
    return;
  }
  const isOff = phones.state(to) === "off";
  const message = onPhone(delivery);
  if (isOff) phones.hold(to, { message, receipt });
  else phones.add(to, clock.now(), message);
  if (!isOff || !waitsForPhone(channel)) conclude(world, network, receipt, recipient);
}

/** Hands a phone what it missed while it was off; what waited for it is delivered now. */
export function deliverHeld(world: World, { message, receipt }: HeldMessage, network: Network): void {
  const { clock, phones } = network;
  phones.add(message.to, clock.now(), message);
  if (!receipt.reached.includes("delivered")) conclude(world, network, receipt, message);
}

/** Notes what became of a message to one person: it is delivered unless it was refused. */
export function conclude(
  world: World,
  { clock, timeline }: Network,
  receipt: Receipt,
  { from, to }: { readonly from: string | null; readonly to: string },
  refusal?: Refusal,
): void {
  const { message } = receipt;
  const { status, code: errorCode } = refusal ?? { status: "delivered", code: 0 };
  const conversationSid = message.conversation.sid;
  const entry = { conversationSid, messageSid: message.sid, from, to, status, errorCode };
  timeline.add({ at: isoMillis(clock.now()), kind: "delivery", ...entry });
  advanceReceipt(world, receipt, status, errorCode);
}

/** Why the message does not get to the phone: the carriers' registration, WhatsApp's rules, the phone itself. */
function refusalOf(world: World, { receipt, recipient }: Delivery, network: Network): Refusal | undefined {
  const { channel, to } = recipient;
  const { phones } = network;
  return (
    channelRefusal(world, receipt.message, recipient, network) ?? phoneRefusal(channel, phones.state(to))
  );
}

function channelRefusal(
  world: World,
  message: Message,
  { channel, from, to }: Delivery["recipient"],
  { clock, windows, rules }: Network,
): Refusal | undefined {
  if (channel === "sms" && rules.a2p) return a2pRefusal(world, from, to);
  if (channel !== "whatsapp") return undefined;
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
