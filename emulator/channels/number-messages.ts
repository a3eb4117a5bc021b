import { isoMillis } from "../dates.ts";
import { channelOf } from "../domain/address.ts";
import type { Channel } from "../domain/model.ts";
import type { World } from "../domain/world.ts";
import { a2pRefusal } from "./a2p.ts";
import { bring } from "./delivery.ts";
import type { Network } from "./network.ts";
import type { NewPhoneMessage } from "./phones.ts";

/** Makes up the SID of a channel's message: WA… on WhatsApp, MM… for an MMS, SM… for any other. */
export function channelSid({ ids }: World, channel: Channel, isMms: boolean): string {
  if (channel === "whatsapp") return ids.sid("WA");
  return ids.sid(isMms ? "MM" : "SM");
}

/** What a number of the account has to say to a phone. */
interface NumberMessage {
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly media: readonly string[];
}

/** A message that a number of the account sends to a phone by itself, and that no conversation knows of. */
export function messageFromNumber(world: World, channel: Channel, message: NumberMessage): NewPhoneMessage {
  return {
    sid: channelSid(world, channel, message.media.length > 0),
    direction: "in",
    ...message,
    buttons: [],
    status: "delivered",
    conversationSid: null,
    messageSid: null,
  };
}

/** Sends a message from a number of the account to a phone, for no conversation, and says what became of it. */
export function sendFromNumber(world: World, network: Network, message: NumberMessage) {
  const { from, to } = message;
  const channel = channelOf(to) ?? "sms";
  const sent = messageFromNumber(world, channel, message);
  const refusal =
    network.optOuts.refusal(to, from) ??
    a2pRefusal(world, network.rules, from, to) ??
    bring(channel, sent, network);
  const { status, code: errorCode } = refusal ?? { status: "delivered", code: 0 };
  const { sid, conversationSid, messageSid } = sent;
  const entry = { conversationSid, messageSid, from, to, status, errorCode };
  network.timeline.add({ at: isoMillis(network.clock.now()), kind: "delivery", ...entry });
  return { sid, status, errorCode };
}

/**
 * Handles the keywords in a text to an SMS number of the account. The confirmation goes to the phone alone, from that
 * number, and is no part of any conversation.
 */
export function handleKeyword(
  world: World,
  { from, to, body }: { readonly from: string; readonly to: string; readonly body: string },
  network: Network,
): void {
  if (world.numbers.get(to)?.channel !== "sms") return;
  const answer = network.optOuts.handleKeyword(from, to, body);
  if (answer === undefined) return;
  bring("sms", messageFromNumber(world, "sms", { from: to, to: from, body: answer, media: [] }), network);
}
