import { type PhoneMessage, post, reasonOf } from "./api.ts";
import { bubble } from "./bubble.ts";
import { make, sync } from "./dom.ts";
import type { State } from "./state.ts";
import { channelName, channelOf, numberOf } from "./text.ts";
import { type Thread, threadKey, threadOf, threadsOf } from "./threads.ts";

/** The choice of the menu that lets the person write to several numbers. */
const several = "several";

/** A phone on the page. */
export interface PhoneCard {
  readonly element: HTMLElement;
  render(state: State): void;
}

/** Where a message came in: it goes nowhere when no conversation has the numbers. */
interface Routing {
  readonly routed: boolean;
  readonly reason?: string;
}

/** A phone with its chats, one of them in view, and a line to write in. `hide` puts the phone away. */
export function phoneCard(address: string, hide: () => void): PhoneCard {
  const channel = channelOf(address);
  const name = numberOf(address);
  const chat = make("select", { "aria-label": `Chat of ${name}` });
  const log = make("ol", { class: "log", role: "log", tabindex: "0", "aria-label": `Messages of ${name}` });
  const note = make("p", { class: "note", role: "status" });
  const groupLabel = `Numbers that ${name} writes to`;
  const groupPlace = { class: "group-numbers", placeholder: "+1…, +1…", spellcheck: "false" };
  const group = make("input", { ...groupPlace, "aria-label": groupLabel });
  const text = make("textarea", { "aria-label": `Message of ${name}`, placeholder: "Message", rows: "1" });
  const form = make("form", {}, text, make("button", { "aria-label": `Send from ${name}` }, "Send"));
  const close = make("button", { type: "button", class: "close", "aria-label": `Put ${name} away` }, "×");
  const badge = make("span", { class: "badge" }, channelName(channel));
  const heading = make("h3", {}, name);
  const top = make("header", {}, heading, badge, close, make("label", {}, "with ", chat), group);
  const label = `${channelName(channel)} phone ${name}`;
  const place = { class: `phone ${channel}`, "data-address": address, "aria-label": label };
  const element = make("article", place, top, log, note, form);
  group.hidden = true;

  let chosen = "";
  let newestSid = "";
  let latest: State | undefined;

  const render = (state: State) => {
    latest = state;
    const messages = state.inboxes.get(address) ?? [];
    const threads = threadsOf(address, messages, state.numbers);
    const newest = messages.at(-1);
    const isNew = newest !== undefined && newest.sid !== newestSid;
    if (chosen === "" || (isNew && text.value === "")) chosen = firstChat(state, address, threads, newest);
    newestSid = newest?.sid ?? "";
    renderChats(threads);
    renderLog(
      state,
      threads.find(({ key }) => key === chosen),
    );
  };

  const renderChats = (threads: readonly Thread[]) => {
    const options = threads.map(({ key, others }) => ({
      key,
      shows: others,
      make: () => make("option", { value: key }, others.map(numberOf).join(", ")),
    }));
    const more = {
      key: several,
      shows: "",
      make: () => make("option", { value: several }, "several numbers…"),
    };
    sync(chat, channel === "sms" ? [...options, more] : options);
    chat.value = chosen;
    group.hidden = chosen !== several;
  };

  const renderLog = (state: State, thread: Thread | undefined) => {
    const isGroup = (thread?.others.length ?? 0) > 1;
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    const messages = thread?.messages ?? [];
    const items = messages.map((message) => {
      const author = isGroup && message.direction === "in" ? authorOf(state, message) : undefined;
      const hue = (thread?.others.indexOf(message.from) ?? 0) % 6;
      return {
        key: message.sid,
        shows: [message, author],
        make: () => bubble(message, { author, hue, press: (button) => void send({ button }) }),
      };
    });
    const hint = "Nothing here yet. Write the first message below.";
    const empty = { key: "empty", shows: "", make: () => make("li", { class: "hint" }, hint) };
    sync(log, items.length > 0 ? items : [empty]);
    if (atEnd) log.scrollTop = log.scrollHeight;
  };

  const recipients = () => {
    const written = group.value.split(/[\s,;]+/).filter((part) => part !== "");
    return chosen === several ? written : chosen.split(" ");
  };

  const send = async (content: { body: string } | { button: string }): Promise<boolean> => {
    const others = recipients();
    try {
      const to = others.length === 1 ? others[0] : others;
      const path = `/phones/${encodeURIComponent(address)}/messages`;
      const { routed, reason } = await post<Routing>(path, { to, ...content });
      note.textContent = routed ? "" : `It reached no conversation: ${reason}.`;
      if (chosen === several) chosen = threadKey(others);
      return true;
    } catch (error) {
      note.textContent = reasonOf(error);
      return false;
    }
  };

  const submit = async () => {
    const body = text.value;
    if (body.trim() === "") return;
    text.value = "";
    log.scrollTop = log.scrollHeight;
    if (!(await send({ body })) && text.value === "") text.value = body;
  };

  chat.addEventListener("change", () => {
    chosen = chat.value;
    note.textContent = "";
    if (latest !== undefined) render(latest);
    log.scrollTop = log.scrollHeight;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit();
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void submit();
  });
  close.addEventListener("click", hide);
  return { element, render };
}

/** The chat in view: that of the newest message, or with the number that the person's conversation gave them. */
function firstChat(
  { conversations }: State,
  address: string,
  threads: readonly Thread[],
  newest: PhoneMessage | undefined,
): string {
  if (newest !== undefined) return threadOf(address, newest);
  const participants = conversations.flatMap((conversation) => conversation.participants);
  const proxy = participants.findLast((participant) => participant.address === address)?.proxyAddress;
  return proxy ?? threads[0]?.key ?? several;
}

/** Who wrote a message of a group text: the name behind a projected address, or the number. */
function authorOf({ conversations }: State, { conversationSid, from }: PhoneMessage): string {
  const conversation = conversations.find(({ sid }) => sid === conversationSid);
  const author = conversation?.participants.find(({ projectedAddress }) => projectedAddress === from);
  return author?.identity ?? numberOf(from);
}
