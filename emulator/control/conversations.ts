import { isoMillis } from "../dates.ts";
import type { Service } from "../domain/account-model.ts";
import type { Conversation, Message, Participant, Receipt } from "../domain/model.ts";
import type { Resources } from "../domain/resources.ts";
import { InputError } from "../input.ts";
import type { ControlHandler } from "./call.ts";
import { executionsIn } from "./flows.ts";
import { ControlError, readLast } from "./input.ts";

/** How many conversations a page has unless the query says otherwise. */
const usualPage = 1000;

/**
 * A page of the conversations of all services, oldest first: the latest, or those before the conversation `before`. `last` in
 * the query is the size of the page; `earlier` in the answer is the URL of the page before it.
 */
export const listConversations: ControlHandler = ({ runtime: { resources }, query, origin }) => {
  const last = Math.min(readLast(query), query.has("last") ? Number.POSITIVE_INFINITY : usualPage);
  const before = readBefore(resources, query);
  const services = [...resources.services.values()];
  const found = services
    .flatMap((service) => takeLast(earlierThan(before, service), last + 1))
    .toSorted((a, b) => a.dateCreated - b.dateCreated);
  const page = found.slice(-last);
  const total = services.reduce((sum, { conversations }) => sum + conversations.size, 0);
  const earlier =
    found.length > page.length
      ? `${origin}/_emulator/conversations?last=${last}&before=${page[0]?.sid}`
      : null;
  return { status: 200, body: { conversations: page.map(present), total, earlier } };
};

function readBefore(resources: Resources, query: URLSearchParams): Conversation | undefined {
  const sid = query.get("before");
  if (sid === null) return undefined;
  const conversation = findConversation(resources, sid);
  if (conversation === undefined) throw new InputError("before", `There is no conversation ${sid}`);
  return conversation;
}

/** The conversations of a service, from the latest, that are listed before another one, of any service. */
function earlierThan(other: Conversation | undefined, service: Service): Iterable<Conversation> {
  const order = service.conversations.byDate();
  if (other === undefined) return order.downFrom(Number.POSITIVE_INFINITY);
  const { dateCreated, seq } = other;
  if (service === other.service) return order.downFrom(dateCreated, seq);
  return order.downFrom(dateCreated, service.seq < other.service.seq ? Number.POSITIVE_INFINITY : 0);
}

/** One conversation, with its messages and their receipts. */
export const readConversation: ControlHandler = ({ runtime: { resources, studio }, params, query }) => {
  const sid = params.get("sid") ?? "";
  const conversation = findConversation(resources, sid);
  if (conversation === undefined) throw new ControlError(404, `There is no conversation ${sid}`);
  const { attributes, messages, webhooks } = conversation;
  const latest = takeLast(messages.downFrom(messages.nextSeq()), readLast(query));
  return {
    status: 200,
    body: {
      ...present(conversation),
      attributes,
      webhooks: [...webhooks.values()].map(({ sid, target, url, filters, triggers, flowSid }) => {
        return { sid, target, url, filters, triggers, flowSid };
      }),
      executions: executionsIn(studio.state.flows.values(), sid),
      messages: latest.map((message) => ({
        ...presentMessage(message),
        receipts: message.receipts.map((receipt) => presentReceipt(conversation, receipt)),
      })),
    },
  };
};

/** The first `count` members, reversed. */
function takeLast<T>(latestFirst: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  for (const member of latestFirst) {
    if (taken.length === count) break;
    taken.push(member);
  }
  return taken.toReversed();
}

function findConversation(resources: Resources, sid: string): Conversation | undefined {
  for (const { conversations } of resources.services.values()) {
    const conversation = conversations.get(sid);
    if (conversation !== undefined) return conversation;
  }
  return undefined;
}

function present(conversation: Conversation) {
  const { sid, service, friendlyName, uniqueName, state, timers, messages } = conversation;
  const [lastMessage] = takeLast(messages.downFrom(messages.nextSeq()), 1);
  return {
    sid,
    serviceSid: service.sid,
    friendlyName,
    uniqueName,
    state,
    timers: { dateInactive: dateOf(timers.dateInactive), dateClosed: dateOf(timers.dateClosed) },
    dateCreated: isoMillis(conversation.dateCreated),
    dateUpdated: isoMillis(conversation.dateUpdated),
    participants: [...conversation.participants.values()].map(presentParticipant),
    messageCount: messages.size,
    lastMessage: lastMessage === undefined ? null : presentMessage(lastMessage),
  };
}

function presentParticipant({ sid, identity, binding, attributes, lastReadMessageIndex }: Participant) {
  const { type = "chat", address = null, proxyAddress = null, projectedAddress = null } = binding ?? {};
  return { sid, identity, type, address, proxyAddress, projectedAddress, attributes, lastReadMessageIndex };
}

function presentMessage({ sid, seq: index, author, source, body, media, contentSid, dateCreated }: Message) {
  const files = media.map(({ sid, contentType, filename, size }) => ({ sid, contentType, filename, size }));
  return { sid, index, author, source, body, media: files, contentSid, dateCreated: isoMillis(dateCreated) };
}

function presentReceipt({ participants }: Conversation, receipt: Receipt) {
  const { sid, participantSid, channelMessageSid, status, errorCode } = receipt;
  const address = participants.get(participantSid)?.binding?.address ?? null;
  return { sid, participantSid, address, channelMessageSid, status, errorCode };
}

function dateOf(ms: number | undefined): string | null {
  return ms === undefined ? null : isoMillis(ms);
}
