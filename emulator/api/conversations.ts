import { isoSeconds, parseIsoDate } from "../dates.ts";
import type { Service } from "../domain/account-model.ts";
import type { ConversationInput } from "../domain/conversation-drafts.ts";
import { createConversation, removeConversation, updateConversation } from "../domain/conversations.ts";
import type { Conversation } from "../domain/model.ts";
import { conversationRules } from "../domain/rules/conversation.ts";
import { requestRules } from "../domain/rules/request.ts";
import { checkKnownState } from "../domain/states.ts";
import { listResponse, type Sequence } from "../http/list.ts";
import { type Call, conversationOf, datesOf, type Handler } from "./call.ts";

/** POST /Conversations */
export const create: Handler = async (call) => {
  const conversation = await createConversation(call.resources, call.service, input(call), call.origin);
  return { status: 201, body: present(call, conversation) };
};

/** GET /Conversations/{Sid} */
export const fetch: Handler = (call) => ({ status: 200, body: present(call, conversationOf(call, "Sid")) });

/** POST /Conversations/{Sid} */
export const update: Handler = async (call) => {
  const conversation = conversationOf(call, "Sid");
  await updateConversation(call.resources, conversation, input(call), call.origin);
  return { status: 200, body: present(call, conversation) };
};

/** DELETE /Conversations/{Sid} */
export const remove: Handler = async (call) => {
  await removeConversation(call.resources, conversationOf(call, "Sid"), call.origin);
  return { status: 204 };
};

/** GET /Conversations. With a date range the latest comes first ("Conversation Resource"); otherwise the oldest. */
export const list: Handler = (call) => {
  const [from, to] = [readRange(call, "StartDate"), readRange(call, "EndDate")];
  if (from !== undefined && to !== undefined && to <= from) throw conversationRules.dateRangeInvalid();
  const hasRange = from !== undefined || to !== undefined;
  const stateText = call.query.get("State");
  const state = stateText ? checkKnownState(stateText) : undefined;
  const given = ["StartDate", "EndDate", "State"].flatMap((name) => {
    const value = call.query.get(name);
    return value ? [[name, value] as const] : [];
  });
  return listResponse(`${call.base}/Conversations`, call.query, {
    key: "conversations",
    members: hasRange ? inRange(call.service, from, to) : call.service.conversations,
    sidPrefix: "CH",
    defaultSize: 50,
    maxSize: 100,
    descending: hasRange,
    filters: given,
    keep: ({ state: present }) => state === undefined || state === present,
    present: (conversation) => present(call, conversation),
  });
};

/** The conversations between two dates, both included, by date, then by creation. */
function inRange(
  { conversations }: Service,
  from = Number.NEGATIVE_INFINITY,
  to = Number.POSITIVE_INFINITY,
): Sequence<Conversation> {
  const order = conversations.byDate();
  return {
    placeOf: ({ dateCreated, seq }) =>
      (BigInt(dateCreated) + earliest).toString(16).padStart(16, "0") + seq.toString(16).padStart(16, "0"),
    *after(position) {
      const [date, seq] = position === undefined ? [from, -1] : readPlace(position);
      for (const conversation of order.upFrom(date, seq + 1)) {
        if (conversation.dateCreated > to) return;
        if (conversation.dateCreated >= from) yield conversation;
      }
    },
    *before(position) {
      const [date, seq] = position === undefined ? [to, Number.POSITIVE_INFINITY] : readPlace(position);
      for (const conversation of order.downFrom(date, seq)) {
        if (conversation.dateCreated < from) return;
        if (conversation.dateCreated <= to) yield conversation;
      }
    },
  };
}

/** The caller's dates may be before 1970. */
const earliest = 8_640_000_000_000_000n;

function readPlace(position: string): [date: number, seq: number] {
  return [Number(BigInt(`0x${position.slice(0, -16)}`) - earliest), Number.parseInt(position.slice(-16), 16)];
}

/** A conversation in a response; those of ConversationWithParticipants lack the link to the export. */
export function present(call: Call, conversation: Conversation, withExport = true): unknown {
  const url = `${call.base}/Conversations/${conversation.sid}`;
  return {
    sid: conversation.sid,
    account_sid: call.resources.account.sid,
    chat_service_sid: call.service.sid,
    messaging_service_sid: conversation.messagingServiceSid,
    friendly_name: conversation.friendlyName,
    unique_name: conversation.uniqueName,
    attributes: conversation.attributes,
    date_created: isoSeconds(conversation.dateCreated),
    date_updated: isoSeconds(conversation.dateUpdated),
    state: conversation.state,
    timers: presentTimers(conversation),
    bindings: presentBindings(conversation),
    url,
    links: {
      participants: `${url}/Participants`,
      messages: `${url}/Messages`,
      webhooks: `${url}/Webhooks`,
      ...(withExport ? { export: `${url}/Export` } : {}),
    },
  };
}

/** The dates at which running timers end. */
export function presentTimers({ timers: { dateInactive, dateClosed } }: Conversation): unknown {
  return {
    ...(dateInactive === undefined ? {} : { date_inactive: isoSeconds(dateInactive) }),
    ...(dateClosed === undefined ? {} : { date_closed: isoSeconds(dateClosed) }),
  };
}

function presentBindings({ emailBinding }: Conversation): unknown {
  if (emailBinding === null) return null;
  return { email: { projected_address: emailBinding.address, name: emailBinding.name } };
}

/** The fields of a conversation in the form. */
export function input(call: Call): ConversationInput {
  const { form } = call;
  return {
    friendlyName: form.get("FriendlyName"),
    uniqueName: form.get("UniqueName"),
    attributes: form.get("Attributes"),
    messagingServiceSid: form.get("MessagingServiceSid"),
    state: form.get("State"),
    inactiveTimer: form.get("Timers.Inactive"),
    closedTimer: form.get("Timers.Closed"),
    emailAddress: form.get("Bindings.Email.Address"),
    emailName: form.get("Bindings.Email.Name"),
    ...datesOf(call),
  };
}

function readRange(call: Call, name: string): number | undefined {
  const text = call.query.get(name);
  if (text === undefined || text === "") return undefined;
  const date = parseIsoDate(text);
  if (date === undefined) throw requestRules.invalidParameter(name);
  return date;
}
