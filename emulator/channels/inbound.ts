import { isoMillis } from "../dates.ts";
import type { Service } from "../domain/account-model.ts";
import { isGroupNumber, sourceOf } from "../domain/address.ts";
import { autoCreateGroup, autoCreatePair, autoCreationOf, serviceOf } from "../domain/autocreation.ts";
import { ApiError } from "../domain/errors.ts";
import { groupOf, largestGroup } from "../domain/groups.ts";
import { addText, checkBody } from "../domain/messages.ts";
import type { Conversation, InboundText } from "../domain/model.ts";
import { holderOf } from "../domain/pairs.ts";
import { checkPresent } from "../domain/states.ts";
import type { World } from "../domain/world.ts";
import { bring } from "./delivery.ts";
import { callNumber } from "./messaging-webhook.ts";
import type { Network } from "./network.ts";
import { channelSid, handleKeyword } from "./number-messages.ts";
import { storePhoneMedia } from "./phone-media.ts";
import type { InboundMessage } from "./phones.ts";

/**
 * Where it went. `reason` says why it went nowhere: it belongs to no conversation; or `dropped`, it was refused by the
 * one that it belongs to, or would have made.
 */
export type Routing =
  | { readonly routed: true; readonly conversationSid: string; readonly messageSid: string }
  | { readonly routed: false; readonly dropped?: true; readonly reason: string };

/**
 * Takes in a message from a phone ("Inbound Message Handling & Autocreation"). Its number pair, or the group of all its
 * numbers, leads to an open conversation; else a rule for the number it was sent to makes one. The number's own
 * messaging webhook is called beside that. The other people of a group text have it from their carrier.
 */
export async function receive(world: World, inbound: InboundMessage, network: Network): Promise<Routing> {
  const { channel, from, to, body, mediaUrls } = inbound;
  const now = network.clock.now();
  const [first = ""] = to;
  if (channel === "whatsapp") network.windows.open(from, first, now);
  const routing = await route(world, inbound);
  const sid = channelSid(world, channel, to.length > 1 || mediaUrls.length > 0);
  showOnPhones(world, inbound, { sid, routing, now }, network);
  const shown = { sid, body, media: mediaUrls, from, to: to.length > 1 ? to : first };
  network.timeline.add({ at: isoMillis(now), kind: "inbound", ...shown, ...routing });
  const belongsNowhere = !routing.routed && !routing.dropped;
  for (const address of to) {
    handleKeyword(world, { from, to: address, body }, network);
    callNumber(world, network, { ...inbound, sid, address, belongsNowhere });
  }
  return routing;
}

/** The sender's phone shows the message as sent, and those of the other people in a group text as received. */
function showOnPhones(
  world: World,
  { channel, from, to, body, mediaUrls: media }: InboundMessage,
  { sid, routing, now }: { readonly sid: string; readonly routing: Routing; readonly now: number },
  network: Network,
): void {
  const [first = ""] = to;
  const { conversationSid, messageSid } = routing.routed
    ? routing
    : { conversationSid: null, messageSid: null };
  const message = { sid, from, body, media, buttons: [], conversationSid, messageSid };
  const recipients = to.length > 1 ? to : [];
  network.phones.add(from, now, { ...message, direction: "out", to: first, recipients, status: "sent" });
  for (const address of to) {
    if (world.numbers.has(address)) continue;
    const others = to.filter((other) => other !== address);
    const received = { ...message, to: address, recipients: others };
    bring(channel, { ...received, direction: "in", status: "delivered" }, network);
  }
}

async function route(world: World, inbound: InboundMessage): Promise<Routing> {
  try {
    checkBody(inbound.body);
    return inbound.to.length > 1 ? await routeGroup(world, inbound) : await routePair(world, inbound);
  } catch (error) {
    // A carrier has nobody to tell: what a conversation or a pre-action webhook refuses is dropped.
    if (error instanceof ApiError)
      return { routed: false, dropped: true, reason: `${error.code}: ${error.message}` };
    throw error;
  }
}

async function routePair(world: World, inbound: InboundMessage): Promise<Routing> {
  const { from, to } = inbound;
  const [number = ""] = to;
  const home = holderOf(world, from, number)?.conversation ?? groupOf(world, [from, number]);
  if (home !== undefined) return post(world, home, inbound);
  const rule = autoCreationOf(world, to);
  if (rule === undefined) return unrouted("no conversation has this number pair");
  const message = await autoCreatePair(world, rule, textOf(world, serviceOf(world, rule), inbound));
  return message === undefined ? routePair(world, inbound) : routed(message.conversation.sid, message.sid);
}

/** "Group Texting in Conversations": the numbers of everybody, the sender's among them, are the address. */
async function routeGroup(world: World, inbound: InboundMessage): Promise<Routing> {
  const { from, to } = inbound;
  const members = [from, ...to];
  const home = groupOf(world, members);
  if (home !== undefined) return post(world, home, inbound);
  const stranger = members.find((number) => !isGroupNumber(number));
  if (stranger !== undefined)
    return unrouted(`${stranger} cannot be in a group text: only +1 long codes of the US and Canada can`);
  if (members.length > largestGroup) return unrouted(`a group text has at most ${largestGroup} members`);
  const rule = autoCreationOf(world, to);
  if (rule === undefined) return unrouted("no conversation has this group of numbers");
  const text = textOf(world, serviceOf(world, rule), inbound);
  const conversation = await autoCreateGroup(world, rule, text, members);
  return conversation === undefined ? routeGroup(world, inbound) : joined(world, conversation);
}

/** A text to a conversation whose members have not joined yet gets in with them. */
async function post(world: World, home: Conversation, inbound: InboundMessage): Promise<Routing> {
  const text = textOf(world, home.service, inbound);
  if (home.joining === undefined) {
    const { sid } = await addText(world, home, text, inbound.to);
    return routed(home.sid, sid);
  }
  home.joining.waiting.push({ text, posted: undefined });
  return joined(world, home);
}

/** Waits until the latest text has got into a conversation with its members. */
async function joined(world: World, conversation: Conversation): Promise<Routing> {
  const entry = conversation.joining?.waiting.at(-1);
  await world.joinings.ended(conversation);
  checkPresent(conversation);
  if (entry?.posted !== undefined) return routed(conversation.sid, entry.posted.sid);
  return unrouted("the conversation closed because somebody could not join");
}

function textOf(
  world: World,
  service: Service,
  { channel, from, body, mediaUrls }: InboundMessage,
): InboundText {
  return {
    source: sourceOf[channel],
    author: from,
    body: body || null,
    media: mediaUrls.map((url) => storePhoneMedia(world, service, url, from)),
  };
}

function routed(conversationSid: string, messageSid: string): Routing {
  return { routed: true, conversationSid, messageSid };
}

function unrouted(reason: string): Routing {
  return { routed: false, reason };
}
