import type { Client, Conversation, Message, Paginator, Participant } from "@twilio/conversations";
import { read } from "./connection.ts";
import { make, part, sync } from "./dom.ts";
import { titleOf } from "./list.ts";
import { type MessageView, messageItem } from "./message.ts";
import { nameOf } from "./people.ts";
import { attempt } from "./problems.ts";
import { texts } from "./texts.ts";

const PAGE_SIZE = 30;
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });

/** The messages of the open conversation. */
export class Thread {
  readonly conversation: Conversation;
  readonly #client: Client;
  readonly #messages = new Map<number, Message>();
  readonly #names = new Map<string, string>();
  readonly #items = new Map<string, { readonly shows: string; readonly item: HTMLLIElement }>();
  #participants: Participant[] = [];
  #page: Paginator<Message> | undefined;
  /** The last message that the user had read when opening the conversation. */
  readonly #readUpTo: number;
  readonly #list = part("messages", HTMLOListElement);
  readonly #scroller = part("scroller", HTMLDivElement);
  readonly #older = part("older", HTMLButtonElement);
  readonly #typing = part("typing", HTMLParagraphElement);
  readonly #typists = new Map<string, string>();
  #isClosed = false;
  readonly #handlers: (() => void)[] = [];

  constructor(client: Client, conversation: Conversation) {
    this.#client = client;
    this.conversation = conversation;
    this.#readUpTo = conversation.lastReadMessageIndex ?? -1;
    this.#listen();
  }

  async load(): Promise<void> {
    this.#scroller.setAttribute("aria-busy", "true");
    sync(this.#list, []);
    this.#older.hidden = true;
    part("title", HTMLHeadingElement).textContent = titleOf(this.conversation);
    const [page] = await Promise.all([
      read(() => this.conversation.getMessages(PAGE_SIZE)),
      this.#loadPeople(),
    ]);
    if (this.#isClosed) return;
    this.#take(page);
    this.#older.onclick = () => void attempt(() => this.#loadOlder());
    this.#show();
    this.#scroller.removeAttribute("aria-busy");
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    await this.#markRead();
  }

  /** The address from which a participant has written, which the SDK provides only with messages. */
  addressOf(participantSid: string): string | undefined {
    const theirs = [...this.#messages.values()].find((message) => message.participantSid === participantSid);
    return theirs?.author?.replace(/^\w+:/, "");
  }

  /** Shows a message, unless it is shown already. */
  add(message: Message): void {
    if (this.#messages.has(message.index)) return;
    const wasAtEnd = this.#isAtEnd();
    this.#messages.set(message.index, message);
    this.#show();
    if (wasAtEnd || message.author === this.#client.user.identity) {
      this.#scroller.scrollTop = this.#scroller.scrollHeight;
    }
    void this.#markRead();
  }

  close(): void {
    this.#isClosed = true;
    for (const stop of this.#handlers) stop();
    this.#typing.textContent = "";
  }

  #listen(): void {
    const { conversation } = this;
    const on = ((event: never, handler: never) => {
      conversation.on(event, handler);
      this.#handlers.push(() => conversation.off(event, handler));
    }) as Conversation["on"];
    on("messageAdded", (message) => this.add(message));
    on("messageUpdated", ({ message }) => {
      if (!this.#messages.has(message.index)) return;
      this.#messages.set(message.index, message);
      this.#show();
    });
    on("messageRemoved", ({ index }) => {
      this.#messages.delete(index);
      const hadFocus = this.#list.contains(document.activeElement);
      this.#show();
      if (hadFocus && document.activeElement === document.body) part("text", HTMLTextAreaElement).focus();
    });
    const people = () => void this.#loadPeople().then(() => this.#show());
    on("participantJoined", people);
    on("participantLeft", people);
    on("participantUpdated", people);
    on("updated", () => {
      part("title", HTMLHeadingElement).textContent = titleOf(conversation);
    });
    on("typingStarted", (participant) => {
      this.#typists.set(participant.sid, this.#names.get(participant.sid) ?? participant.identity ?? "");
      this.#showTyping();
    });
    on("typingEnded", ({ sid }) => {
      this.#typists.delete(sid);
      this.#showTyping();
    });
  }

  async #loadPeople(): Promise<void> {
    this.#participants = await read(() => this.conversation.getParticipants());
    const named = this.#participants.map(async (one) => [one.sid, await nameOf(this.#client, one)] as const);
    for (const [sid, name] of await Promise.all(named)) {
      if (name !== undefined) this.#names.set(sid, name);
    }
  }

  #take(page: Paginator<Message>): void {
    this.#page = page;
    for (const message of page.items) this.#messages.set(message.index, message);
    this.#older.hidden = !page.hasPrevPage;
  }

  /** Adds a page above without moving the visible messages. */
  async #loadOlder(): Promise<void> {
    const known = this.#page;
    if (known === undefined || !known.hasPrevPage) return;
    const page = await read(() => known.prevPage());
    if (this.#isClosed) return;
    const fromEnd = this.#scroller.scrollHeight - this.#scroller.scrollTop;
    // A screen reader does not announce messages older than those it has read.
    this.#scroller.setAttribute("aria-busy", "true");
    this.#take(page);
    this.#show();
    this.#scroller.removeAttribute("aria-busy");
    this.#scroller.scrollTop = this.#scroller.scrollHeight - fromEnd;
    if (this.#older.hidden) part("title", HTMLHeadingElement).focus();
  }

  #isAtEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < 60;
  }

  /** Advances the read horizon only while the page is visible ("Read Horizon and Read Status"). */
  async #markRead(): Promise<void> {
    const last = Math.max(-1, ...this.#messages.keys());
    if (last < 0 || document.visibilityState !== "visible" || this.#isClosed) return;
    await read(() => this.conversation.advanceLastReadMessageIndex(last)).catch(() => undefined);
  }

  #show(): void {
    if (this.#isClosed) return;
    const me = this.#client.user.identity;
    const messages = [...this.#messages.values()].sort((a, b) => a.index - b.index);
    const items: HTMLLIElement[] = [];
    let before: { readonly author: string | null; readonly date: string } | undefined;
    let isMarked = false;
    for (const message of messages) {
      const date = message.dateCreated ? day.format(message.dateCreated) : "";
      if (date !== before?.date) items.push(this.#markOf("day", date));
      const isOwn = message.author === me;
      if (!isMarked && !isOwn && message.index > this.#readUpTo && this.#readUpTo >= 0) {
        items.push(this.#markOf("new", texts.newMessages));
        isMarked = true;
      }
      const isContinued = before?.author === message.author && before.date === date;
      const readers = message === messages.at(-1) ? this.#readersOf(message) : [];
      const authorName =
        this.#names.get(message.participantSid ?? "") ?? message.author?.replace(/^\w+:(?=\+)/, "") ?? "";
      items.push(this.#itemOf({ message, authorName, isOwn, isContinued, readers }));
      before = { author: message.author, date };
    }
    sync(this.#list, items);
  }

  /** A separator between messages. */
  #markOf(kind: "day" | "new", text: string): HTMLLIElement {
    return this.#keep(`${kind} ${text}`, text, () => make("li", { class: kind }, text));
  }

  /** Keeps the element if its content is unchanged. */
  #keep(key: string, shows: string, build: () => HTMLLIElement): HTMLLIElement {
    const known = this.#items.get(key);
    if (known?.shows === shows) return known.item;
    const item = build();
    this.#items.set(key, { shows, item });
    return item;
  }

  #itemOf(view: MessageView): HTMLLIElement {
    const { message, ...rest } = view;
    const { index, sid, body, dateUpdated, aggregatedDeliveryReceipt: receipt } = message;
    const receipts = receipt && [
      receipt.read,
      receipt.delivered,
      receipt.sent,
      receipt.failed,
      receipt.undelivered,
    ];
    const shows = JSON.stringify([sid, body, dateUpdated, receipts, rest]);
    return this.#keep(String(index), shows, () => messageItem(view));
  }

  #readersOf({ index }: Message): string[] {
    return this.#participants
      .filter(({ identity, lastReadMessageIndex }) => {
        return identity !== this.#client.user.identity && (lastReadMessageIndex ?? -1) >= index;
      })
      .map(({ sid, identity }) => this.#names.get(sid) ?? identity ?? texts.unnamedPerson);
  }

  #showTyping(): void {
    const names = [...this.#typists.values()];
    this.#typing.textContent = names.length === 0 ? "" : texts.typing(names);
  }
}
