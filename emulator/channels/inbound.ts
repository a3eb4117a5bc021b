import { isoMillis } from "../dates.ts";
import type { ChannelMessage, ChannelMessagePrefix, Service } from "../domain/account-model.ts";
import { isGroupNumber } from "../domain/address.ts";
import { autoCreateGroup, autoCreatePair, autoCreationOf, serviceOf } from "../domain/autocreation.ts";
import { keepMessage } from "../domain/channel-messages.ts";
import { channelTraits } from "../domain/channels.ts";
import { ApiError } from "../domain/errors.ts";
import { groupOf, largestGroup } from "../domain/groups.ts";
import { addText, checkBody } from "../domain/messages.ts";
import { poolOf } from "../domain/messaging-services.ts";
import type { Conversation, InboundText } from "../domain/model.ts";
import { holderOf } from "../domain/pairs.ts";
import type { Resources } from "../domain/resources.ts";
import { checkPresent } from "../domain/states.ts";
import type { Sid } from "../sid.ts";
import { channels, messageSid } from "./channels.ts";
import type { ChannelContext } from "./context.ts";
import { sendToPhone } from "./delivery.ts";
import { callNumber } from "./messaging-webhook.ts";
import { confirm, handleKeyword } from "./number-messages.ts";
import { readAttachment, storePhoneMedia } from "./phone-media.ts";
import type { InboundMessage } from "./phones.ts";

/**
 * The result of routing an inbound message. Without a conversation there is a `reason`: none receives it; or, with
 * `dropped`, the conversation that it belongs to, or the pre-action webhook of the one that it would create, has
 * rejected it.
 */
export type Routing =
  | { readonly routed: true; readonly conversationSid: Sid<"CH">; readonly messageSid: Sid<"IM"> }
  | { readonly routed: false; readonly dropped?: true; readonly reason: string };

/**
 * Receives a message from a phone ("Inbound Message Handling & Autocreation"). It goes to the open conversation with
 * its number pair, or with the group of all its numbers; if there is none, autocreation of the number it was sent to may
 * create one. The number's own messaging webhook is called as well. The carriers deliver a group text to the other
 * people.
 */
export async function receive(
  resources: Resources,
  inbound: InboundMessage,
  context: ChannelContext,
): Promise<Routing> {
  const { channel, from, to, body, mediaUrls } = inbound;
  const now = context.clock.now();
  const [first = ""] = to;
  if (channels[channel].hasServiceWindow) context.windows.open(from, first, now);
  const answer = context.sandbox.handle(from, first, body, now);
  const routing =
    answer === undefined ? await route(resources, inbound) : unrouted("WhatsApp's sandbox has handled it");
  const sid = messageSid(resources, channel, to.length > 1 || mediaUrls.length > 0 ? "media" : "text");
  showOnPhones(resources, inbound, { sid, routing, now }, context);
  const shown = { sid, body, media: mediaUrls, from, to: to.length > 1 ? to : first };
  context.timeline.add({ at: isoMillis(now), kind: "inbound", ...shown, ...routing });
  if (answer !== undefined) {
    confirm(resources, { channel, from: first, to: from, body: answer, media: [] }, context);
    return routing;
  }
  const { media } = keepInbound(resources, inbound, sid);
  const isUnrouted = !routing.routed && !routing.dropped;
  for (const address of to) {
    handleKeyword(resources, { from, to: address, body }, context);
    callNumber(resources, context, { ...inbound, sid, address, isUnrouted, media });
  }
  return routing;
}

/** Records the message in Programmable Messaging, whether or not a conversation receives it. */
function keepInbound(
  resources: Resources,
  { from, to, body, mediaUrls }: InboundMessage,
  sid: Sid<ChannelMessagePrefix>,
): ChannelMessage {
  const number = to.find((address) => resources.numbers.has(address)) ?? "";
  const owned = resources.numbers.get(number);
  const pool = owned === undefined ? undefined : poolOf(resources, owned);
  return keepMessage(resources, {
    sid,
    direction: "inbound",
    from,
    to: number,
    body,
    media: mediaUrls.map((url) => ({ sid: resources.ids.sid("ME"), ...readAttachment(url) })),
    messagingServiceSid: pool?.sid ?? null,
    status: "received",
  });
}

/**
 * The sender's phone shows the message as sent, and the phones of the other people in a group text show it as
 * received.
 */
function showOnPhones(
  resources: Resources,
  { channel, from, to, body, mediaUrls: media }: InboundMessage,
  {
    sid,
    routing,
    now,
  }: { readonly sid: Sid<ChannelMessagePrefix>; readonly routing: Routing; readonly now: number },
  context: ChannelContext,
): void {
  const [first = ""] = to;
  const { conversationSid, messageSid } = routing.routed
    ? routing
    : { conversationSid: null, messageSid: null };
  const message = { sid, from, body, media, buttons: [], conversationSid, messageSid };
  const recipients = to.length > 1 ? to : [];
  context.phones.add(from, now, { ...message, direction: "out", to: first, recipients, status: "sent" });
  for (const address of to) {
    if (resources.numbers.has(address)) continue;
    const others = to.filter((other) => other !== address);
    const received = { ...message, to: address, recipients: others };
    sendToPhone(channel, { ...received, direction: "in", status: "delivered" }, context);
  }
}

async function route(resources: Resources, inbound: InboundMessage): Promise<Routing> {
  try {
    checkBody(inbound.body);
    return inbound.to.length > 1 ? await routeGroup(resources, inbound) : await routePair(resources, inbound);
  } catch (error) {
    // The person is not notified: a message that a conversation or a pre-action webhook rejects is dropped.
    if (error instanceof ApiError)
      return { routed: false, dropped: true, reason: `${error.code}: ${error.message}` };
    throw error;
  }
}

async function routePair(resources: Resources, inbound: InboundMessage): Promise<Routing> {
  const { from, to } = inbound;
  const [number = ""] = to;
  const existing = holderOf(resources, from, number)?.conversation ?? groupOf(resources, [from, number]);
  if (existing !== undefined) return post(resources, existing, inbound);
  const rule = autoCreationOf(resources, to);
  if (rule === undefined) return unrouted("no conversation has this number pair");
  const message = await autoCreatePair(
    resources,
    rule,
    textOf(resources, serviceOf(resources, rule), inbound),
  );
  return message === undefined
    ? routePair(resources, inbound)
    : routed(message.conversation.sid, message.sid);
}

/** "Group Texting in Conversations": all numbers, including the sender's, identify the group. */
async function routeGroup(resources: Resources, inbound: InboundMessage): Promise<Routing> {
  const { from, to } = inbound;
  const members = [from, ...to];
  const existing = groupOf(resources, members);
  if (existing !== undefined) return post(resources, existing, inbound);
  const ineligible = members.find((number) => !isGroupNumber(number));
  if (ineligible !== undefined)
    return unrouted(`${ineligible} cannot be in a group text: only +1 long codes of the US and Canada can`);
  if (members.length > largestGroup) return unrouted(`a group text has at most ${largestGroup} members`);
  const rule = autoCreationOf(resources, to);
  if (rule === undefined) return unrouted("no conversation has this group of numbers");
  const text = textOf(resources, serviceOf(resources, rule), inbound);
  const conversation = await autoCreateGroup(resources, rule, text, members);
  return conversation === undefined ? routeGroup(resources, inbound) : joined(resources, conversation);
}

/** Adds the message. While members are still joining it waits until they have joined. */
async function post(
  resources: Resources,
  conversation: Conversation,
  inbound: InboundMessage,
): Promise<Routing> {
  const text = textOf(resources, conversation.service, inbound);
  if (conversation.joining === undefined) {
    const { sid } = await addText(resources, conversation, text, inbound.to);
    return routed(conversation.sid, sid);
  }
  conversation.joining.waiting.add({ text, posted: undefined });
  return joined(resources, conversation);
}

/** Waits until the members have joined and the latest text is in the conversation. */
async function joined(resources: Resources, conversation: Conversation): Promise<Routing> {
  const entry = [...(conversation.joining?.waiting ?? [])].at(-1);
  await resources.joinings.ended(conversation);
  checkPresent(conversation);
  if (entry?.posted !== undefined) return routed(conversation.sid, entry.posted.sid);
  return unrouted("the conversation closed because a participant could not join");
}

function textOf(
  resources: Resources,
  service: Service,
  { channel, from, body, mediaUrls, choice }: InboundMessage,
): InboundText {
  return {
    source: channelTraits[channel].source,
    author: from,
    body: body || null,
    media: mediaUrls.map((url) => storePhoneMedia(resources, service, url, from)),
    choice,
  };
}

function routed(conversationSid: Sid<"CH">, messageSid: Sid<"IM">): Routing {
  return { routed: true, conversationSid, messageSid };
}

function unrouted(reason: string): Routing {
  return { routed: false, reason };
}
