import { type PhoneMessage, post, reasonOf } from "./api.ts";
import { bubble, looksOf } from "./bubble.ts";
import { channelOf, numberOf } from "./channels.ts";
import { chatMenu } from "./chat-menu.ts";
import { givenName } from "./conversation.ts";
import { make, sync } from "./dom.ts";
import { handset } from "./handset.ts";
import type { State } from "./state.ts";
import { autocreationHint, makeConversation } from "./stranger.ts";
import { type Thread, threadKey, threadOf, threadsOf } from "./threads.ts";

/** A phone on the page. */
export interface PhoneCard {
  readonly element: HTMLElement;
  render(): void;
}

/** The result of sending a message: it is unrouted when no conversation has the numbers. */
interface Routing {
  readonly routed: boolean;
  readonly reason?: string;
}

/** A phone with its chats, one of them open, and an input line. `hide` removes the phone from the page. */
export function phoneCard(state: State, address: string, hide: () => void): PhoneCard {
  const { id, name: channelName } = channelOf(address);
  const name = numberOf(address);
  const list = make("ol");
  const log = make("div", { class: "log", role: "log", "aria-label": `Messages of ${name}` }, list);
  log.tabIndex = 0;
  const note = make("p", { class: "note", role: "status" });
  const text = make("textarea", { "aria-label": `Message of ${name}`, placeholder: "Message", rows: "1" });
  const form = make("form", {}, text, make("button", { "aria-label": `Send from ${name}` }, "Send"));
  const close = make("button", { type: "button", class: "close", "aria-label": `Hide ${name}` }, "×");
  const say = (...parts: readonly (Node | string)[]) => note.replaceChildren(...parts);
  const controls = handset(address, say);
  const menu = chatMenu(address, () => {
    say("");
    render();
    log.scrollTop = log.scrollHeight;
  });
  const badge = make("span", { class: "badge" }, channelName);
  const chats = make("div", { class: "chats" }, ...menu.elements, controls.menu);
  const heading = make("h3", {}, name);
  const top = make("header", {}, heading, badge, close, chats);
  const label = `${channelName} phone ${name}`;
  const attributes = { class: `phone ${id}`, "data-address": address, "aria-label": label };
  const element = make("article", attributes, top, log, controls.bar, note, form);
  let newestSid = "";

  const render = () => {
    const messages = state.inboxes.get(address) ?? [];
    const threads = threadsOf(address, messages, state.numbers);
    const newest = messages.at(-1);
    const isNew = newest !== undefined && newest.sid !== newestSid;
    // Do not change the chat while the user is writing.
    if (menu.chosen() === "" || (isNew && text.value === ""))
      menu.choose(firstChat(state, address, threads, newest));
    newestSid = newest?.sid ?? "";
    const given = namedAs(state, address);
    const shownName = given === undefined ? name : `${given} ${name}`;
    if (heading.textContent !== shownName)
      heading.replaceChildren(...(given === undefined ? [name] : [`${given} `, make("small", {}, name)]));
    controls.render(state);
    menu.render(threads);
    const thread = threads.find(({ key }) => key === menu.chosen());
    showMessages(log, list, thread === undefined ? [] : bubblesOf(thread));
  };

  const bubblesOf = ({ others, messages }: Thread) =>
    messages.map((message) => {
      const isOthers = others.length > 1 && message.direction === "in";
      const author = isOthers ? authorOf(state, message) : undefined;
      const hue = others.indexOf(message.from) % 6;
      const press = (button: string) => void send({ button });
      const latest = () => state.inboxes.get(address)?.find(({ sid }) => sid === message.sid);
      return {
        key: message.sid,
        shows: [looksOf(message), author],
        make: () => bubble(message, { author, hue, press, latest }),
      };
    });

  const send = async (content: { body: string } | { button: string }): Promise<boolean> => {
    const others = menu.recipients();
    try {
      const to = others.length === 1 ? others[0] : others;
      const path = `/phones/${encodeURIComponent(address)}/messages`;
      const { routed, reason } = await post<Routing>(path, { to, ...content });
      if (routed) say();
      else say(`It was not routed: ${reason}. `, ...offer(others, "body" in content ? content.body : ""));
      menu.choose(threadKey(others));
      return true;
    } catch (error) {
      say(reasonOf(error));
      return false;
    }
  };

  /** For an unrouted text to one number the page offers to create a conversation. */
  const offer = ([to = "", ...more]: readonly string[], body: string) => {
    const { info } = state;
    if (info === undefined || more.length > 0) return [];
    const button = make("button", { type: "button" }, "Create a conversation");
    button.addEventListener("click", async () => {
      try {
        await makeConversation(info, address, to);
        if (text.value === "") text.value = body;
        say("The conversation was created: send the text again.");
        text.focus();
      } catch (error) {
        say(reasonOf(error));
      }
    });
    return [autocreationHint(to), " ", button];
  };

  const submit = async () => {
    const body = text.value;
    if (body.trim() === "") return;
    text.value = "";
    log.scrollTop = log.scrollHeight;
    const isSent = await send({ body });
    if (!isSent && text.value === "") text.value = body;
  };

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
  // Keeps the newest message visible when the size changes, as when a phone is added.
  let wasAtEnd = true;
  log.addEventListener("scroll", () => {
    wasAtEnd = isAtEnd(log);
  });
  new ResizeObserver(() => {
    if (wasAtEnd) log.scrollTop = log.scrollHeight;
  }).observe(log);
  return { element, render };
}

const isAtEnd = (log: HTMLElement) => log.scrollHeight - log.scrollTop - log.clientHeight < 40;

/** The person's name in their latest conversation that has one. */
function namedAs({ conversations }: State, address: string): string | undefined {
  const theirs = conversations.flatMap(({ participants }) =>
    participants.filter((participant) => participant.address === address),
  );
  return theirs.map(givenName).findLast((name) => name !== undefined);
}

/** Keeps a chat that is scrolled to its end there. */
function showMessages(log: HTMLElement, list: Element, bubbles: Parameters<typeof sync>[1]): void {
  const stays = isAtEnd(log);
  const hint = "No messages yet. Write the first one below.";
  const nothing = { key: "nothing", shows: "", make: () => make("li", { class: "hint" }, hint) };
  sync(list, bubbles.length > 0 ? bubbles : [nothing]);
  if (stays) log.scrollTop = log.scrollHeight;
}

/** The chat to open: that of the newest message, or that with the proxy address of the person's conversation. */
function firstChat(
  { conversations }: State,
  address: string,
  threads: readonly Thread[],
  newest: PhoneMessage | undefined,
): string {
  if (newest !== undefined) return threadOf(address, newest);
  const participants = conversations.flatMap((conversation) => conversation.participants);
  const proxy = participants.findLast((participant) => participant.address === address)?.proxyAddress;
  return proxy ?? threads[0]?.key ?? "";
}

/** The author of a message of a group text: the identity of a projected address, or the number. */
function authorOf({ conversations }: State, { conversationSid, from }: PhoneMessage): string {
  const conversation = conversations.find(({ sid }) => sid === conversationSid);
  const author = conversation?.participants.find(({ projectedAddress }) => projectedAddress === from);
  return author?.identity ?? numberOf(from);
}
