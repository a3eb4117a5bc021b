import { isoMillis } from "../dates.ts";
import { isPair } from "../domain/bindings.ts";
import { type Rendering, renderContent } from "../domain/content.ts";
import type { Message, PairBinding, Participant, Receipt } from "../domain/model.ts";
import { advanceReceipt, openReceipt } from "../domain/receipts.ts";
import type { World } from "../domain/world.ts";
import { carry, type Refusal } from "../faults/deliveries.ts";
import type { Network } from "./network.ts";
import { whatsAppRefusal } from "./whatsapp.ts";

/** SMS and WhatsApp take this many characters out of a conversation ("Conversations Limits"). */
const longestBody = 1600;

interface Recipient {
  readonly participant: Participant;
  readonly binding: PairBinding;
}

/**
 * Carries a message to every participant outside chat but its author, each with a receipt that goes from sent to
 * delivered or undelivered ("Delivery Receipts in Conversations"). Who gets it is settled when it is posted; the
 * steps happen on the clock, after the caller has the answer.
 */
export function fanOut(world: World, message: Message, network: Network): void {
  const recipients = recipientsOf(message);
  if (recipients.length === 0) return;
  const { clock } = network;
  clock.schedule(clock.now(), () => {
    const deliveries = recipients.map((recipient) => send(world, message, recipient));
    clock.schedule(clock.now(), () => {
      for (const [receipt, recipient] of deliveries) {
        const { address, proxyAddress, type: channel } = recipient.binding;
        const places = { conversationSid: message.conversation.sid, messageSid: message.sid };
        carry(network.faults, clock, { ...places, address, proxyAddress, channel }, (refused) =>
          deliver(world, message, receipt, recipient, network, refused),
        );
      }
    });
  });
}

function recipientsOf(message: Message): readonly Recipient[] {
  const { participants, participantsByIdentity } = message.conversation;
  if (participants.size === participantsByIdentity.size) return [];
  return [...participants.values()].flatMap((participant) => {
    const { binding, sid } = participant;
    return !isPair(binding) || sid === message.participantSid ? [] : [{ participant, binding }];
  });
}

function send(world: World, message: Message, recipient: Recipient): [Receipt, Recipient] {
  const channelSid = world.ids.sid(recipient.binding.type === "whatsapp" ? "WA" : "SM");
  const receipt = openReceipt(world, message, recipient.participant, channelSid);
  advanceReceipt(world, receipt, "sent");
  return [receipt, recipient];
}

function deliver(
  world: World,
  message: Message,
  receipt: Receipt,
  { binding }: Recipient,
  { clock, phones, windows, timeline }: Network,
  refused: Refusal | undefined,
): void {
  const shown = render(world, message, binding);
  const windowIsOpen = windows.isOpen(binding, clock.now());
  const errorCode = refused?.errorCode ?? refusal(world, message, binding, shown.body, windowIsOpen);
  const { address, proxyAddress } = binding;
  const conversationSid = message.conversation.sid;
  if (errorCode === 0) {
    phones.add(address, clock.now(), {
      sid: receipt.channelMessageSid,
      direction: "in",
      from: proxyAddress,
      to: address,
      recipients: [],
      body: shown.body,
      media: shown.mediaUrls,
      buttons: shown.buttons,
      status: "delivered",
      conversationSid,
      messageSid: message.sid,
    });
  }
  const status = refused?.status ?? (errorCode === 0 ? "delivered" : "undelivered");
  const entry = {
    conversationSid,
    messageSid: message.sid,
    from: proxyAddress,
    to: address,
    status,
    errorCode,
  };
  timeline.add({ at: isoMillis(clock.now()), kind: "delivery", ...entry });
  advanceReceipt(world, receipt, status, errorCode);
}

function render(world: World, message: Message, { type }: PairBinding): Rendering {
  const content = world.contents.get(message.contentSid ?? "");
  if (content !== undefined) return renderContent(content, message.contentVariables, type);
  const mediaUrls = message.media.map((media) => media.url ?? media.sid);
  return { type: "twilio/text", body: message.body ?? "", buttons: [], mediaUrls };
}

/** 21617: longer than the channel takes. The rest is WhatsApp's. */
function refusal(
  world: World,
  message: Message,
  { type }: PairBinding,
  body: string,
  windowIsOpen: boolean,
): number {
  if (body.length > longestBody) return 21617;
  if (type !== "whatsapp") return 0;
  return whatsAppRefusal(world.contents.get(message.contentSid ?? ""), message, windowIsOpen);
}
