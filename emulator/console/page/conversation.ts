import type { Conversation, ConversationDetail, Participant, Receipt, ScopedWebhook } from "./api.ts";
import { isGroupMember, numberOf, participantType } from "./channels.ts";
import { type Item, make } from "./dom.ts";
import { explainError, timeOf } from "./text.ts";
import { ticks } from "./ticks.ts";

/** The title of a conversation. */
export function titleOf({ friendlyName, uniqueName, participants }: Conversation): string {
  const people = participants.map(nameOf).join(", ");
  return friendlyName || uniqueName || people || "No participants yet";
}

/** The title of a participant. */
export function nameOf(participant: Participant): string {
  const { identity, address, projectedAddress, sid } = participant;
  return identity ?? givenName(participant) ?? numberOf(address ?? projectedAddress ?? sid);
}

/** The `name` in the attributes of a participant. */
export function givenName({ attributes }: Pick<Participant, "attributes">): string | undefined {
  const { name } = JSON.parse(attributes);
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** The state of a conversation, as a badge. */
export function stateBadge(state: string): HTMLElement {
  return make("span", { class: `state ${state}` }, state);
}

/** The time until a timer changes the state, which time.ts counts down; empty without a timer. */
export function countdowns({ state, timers }: Conversation): HTMLElement[] {
  if (state === "closed") return [];
  const rows: [string, string | null][] = [
    ["inactive in", state === "active" ? timers.dateInactive : null],
    ["closed in", timers.dateClosed],
  ];
  return rows.flatMap(([verb, moment]) =>
    moment === null
      ? []
      : [
          make(
            "span",
            { class: "countdown", title: moment },
            `${verb} `,
            make("b", { "data-until": moment }),
          ),
        ],
  );
}

/** The sections of an open conversation, from its head to its messages. */
export function sectionsOf(conversation: ConversationDetail, back: () => void): readonly Item[] {
  const { sid, state, timers, attributes, participants, webhooks, messages, executions } = conversation;
  const title = titleOf(conversation);
  return [
    { key: "head", shows: [sid, title], make: () => head(sid, title, back) },
    { key: "state", shows: [state, timers], make: () => stateLine(conversation) },
    { key: "people", shows: participants, make: () => people(participants) },
    { key: "messages", shows: messages, make: () => messageList(conversation) },
    { key: "flows", shows: executions, make: () => flowList(executions) },
    { key: "webhooks", shows: webhooks, make: () => webhookList(webhooks) },
    { key: "attributes", shows: attributes, make: () => attributesOf(attributes) },
  ];
}

function head(sid: string, title: string, back: () => void): HTMLElement {
  const button = make("button", { type: "button", class: "back" }, "← All conversations");
  button.addEventListener("click", back);
  return make("div", {}, button, make("h3", { tabindex: "-1" }, title), make("code", { class: "sid" }, sid));
}

function stateLine(conversation: ConversationDetail): HTMLElement {
  return make("p", { class: "line" }, stateBadge(conversation.state), ...countdowns(conversation));
}

function people(participants: readonly Participant[]): HTMLElement {
  const rows = participants.map((participant) => {
    const { type, address, proxyAddress, projectedAddress, lastReadMessageIndex } = participant;
    const parts = [
      participantType(type),
      address !== null && givenName(participant) !== undefined ? numberOf(address) : "",
      address !== null && proxyAddress !== null ? `writes to ${numberOf(proxyAddress)}` : "",
      isGroupMember(participant) ? "member of the group text" : "",
      projectedAddress === null ? "" : `behind ${projectedAddress}`,
      lastReadMessageIndex === null ? "" : `read up to ${lastReadMessageIndex}`,
    ];
    const details = parts.filter((part) => part !== "").join(" · ");
    return make("li", {}, make("b", {}, nameOf(participant)), make("small", {}, details));
  });
  return section("Participants", rows, "No participants yet.");
}

function messageList({ messages, messageCount, participants }: ConversationDetail): HTMLElement {
  const names = new Map(participants.map((participant) => [participant.sid, nameOf(participant)]));
  const rows = messages.map(({ index, author, body, media, contentSid, dateCreated, receipts }) => {
    const files = media.map(({ filename, contentType, sid }) => `[${filename ?? (contentType || sid)}]`);
    const text = [body ?? (contentSid === null ? "" : `template ${contentSid}`), ...files];
    const line = make("small", {}, `#${index} `, make("b", {}, numberOf(author)), ` ${timeOf(dateCreated)}`);
    const row = make("li", {}, line, make("p", {}, text.filter((part) => part !== "").join("\n")));
    if (receipts.length > 0)
      row.append(make("p", { class: "receipts" }, ...receipts.map((receipt) => receiptOf(receipt, names))));
    for (const code of new Set(receipts.map(({ errorCode }) => errorCode))) {
      const reason = explainError(code);
      if (reason !== undefined) row.append(make("p", { class: "note" }, `${code}: ${reason}`));
    }
    return row;
  });
  const element = section("Messages", rows, "No messages yet.");
  if (messageCount > messages.length)
    element.append(make("p", { class: "note" }, `Only the latest of ${messageCount} are shown.`));
  return element;
}

function receiptOf(
  { participantSid, address, status, errorCode }: Receipt,
  names: ReadonlyMap<string, string>,
) {
  const name = names.get(participantSid) ?? numberOf(address ?? participantSid);
  const details = errorCode === 0 ? status : `${status}, error ${errorCode}`;
  const shown = errorCode === 0 ? "" : ` ${errorCode}`;
  return make("span", { class: "receipt" }, ticks(status, `${details} to ${name}`), ` ${name}${shown}`);
}

/** The flows that run or ran in the conversation, each with a link to its picture. */
function flowList(executions: ConversationDetail["executions"]): HTMLElement {
  const rows = executions.map(({ sid, flowSid, flowName, status, at, waitsUntil, problem }) => {
    const link = make("a", { href: `/console/flow.html?flow=${flowSid}&execution=${sid}` }, flowName);
    const where = problem ?? (at === null ? status : `at ${at}`);
    const left = waitsUntil === null ? [] : [" · waits ", make("b", { "data-until": waitsUntil })];
    return make("li", {}, link, make("small", {}, " ", where, ...left));
  });
  const element = section("Studio flows", rows, "");
  element.hidden = rows.length === 0;
  return element;
}

function webhookList(webhooks: readonly ScopedWebhook[]): HTMLElement {
  const rows = webhooks.map(({ target, url, filters, triggers, flowSid }) => {
    const events = [...(filters ?? []), ...(triggers ?? []).map((word) => `“${word}”`)].join(", ");
    const flow = make("a", { href: `/console/flow.html?flow=${flowSid}` }, flowSid ?? "");
    return make("li", {}, make("b", {}, target), " ", url ?? flow, make("small", {}, events));
  });
  return section("Webhooks of the conversation", rows, "None.");
}

function attributesOf(attributes: string): HTMLElement {
  const element = make(
    "section",
    {},
    make("h4", {}, "Attributes"),
    make("pre", { tabindex: "0" }, attributes),
  );
  element.hidden = attributes === "{}" || attributes === "";
  return element;
}

function section(title: string, rows: readonly HTMLElement[], otherwise: string): HTMLElement {
  const content = rows.length > 0 ? make("ul", {}, ...rows) : make("p", { class: "note" }, otherwise);
  return make("section", { "aria-label": title }, make("h4", {}, title), content);
}
