import type { Client, Conversation, Message, Paginator } from "@twilio/conversations";
import { read } from "./connection.ts";
import { make, part, sync } from "./dom.ts";
import { attempt } from "./problems.ts";
import { texts } from "./texts.ts";

interface Row {
  readonly conversation: Conversation;
  readonly last: string;
  readonly unread: number;
}

/** The displayed name of a conversation. */
export const titleOf = ({ friendlyName, uniqueName }: Conversation): string =>
  friendlyName || uniqueName || texts.unnamed;

const timeOf = ({ lastMessage, dateUpdated }: Conversation): number =>
  (lastMessage?.dateCreated ?? dateUpdated ?? new Date(0)).getTime();

/** The list of the user's conversations, latest first, with the last message and the unread count. */
export class ConversationList {
  readonly #client: Client;
  readonly #open: (conversation: Conversation) => void;
  readonly #lastRead: (message: Message) => void;
  readonly #rows = new Map<string, Row>();
  /** The last read of each row that was started. An earlier one may end after it. */
  readonly #reads = new Map<string, symbol>();
  /** Those of the rows. They are kept: a click is lost when its element is replaced while it is pressed. */
  readonly #buttons = new Map<string, HTMLButtonElement>();
  readonly #list = part("conversation-list", HTMLUListElement);
  readonly #more = part("more-conversations", HTMLButtonElement);
  #current: string | undefined;

  /**
   * @param open opens the conversation of a clicked row.
   * @param lastRead is called with a conversation's last message whenever it was read: the SDK emits no `messageAdded`
   *   for a message that any read has returned before its event arrived.
   */
  constructor(
    client: Client,
    open: (conversation: Conversation) => void,
    lastRead: (message: Message) => void,
  ) {
    this.#client = client;
    this.#open = open;
    this.#lastRead = lastRead;
    // The rows and the next page of a former user.
    this.#list.replaceChildren();
    this.#more.hidden = true;
    client.on("conversationJoined", (conversation) => void this.refresh(conversation));
    client.on("conversationUpdated", ({ conversation }) => void this.refresh(conversation));
    client.on("messageAdded", ({ conversation }) => void this.refresh(conversation));
    client.on("messageUpdated", ({ message }) => void this.refresh(message.conversation));
    client.on("messageRemoved", ({ conversation }) => void this.refresh(conversation));
    const forget = ({ sid }: Conversation) => {
      this.#rows.delete(sid);
      this.#reads.delete(sid);
      this.#buttons.delete(sid);
      this.#show();
    };
    client.on("conversationLeft", forget);
    client.on("conversationRemoved", forget);
  }

  /** Loads the first page. */
  async load(): Promise<void> {
    await this.#add(await read(() => this.#client.getSubscribedConversations()));
  }

  /** Marks a conversation as the open one. */
  mark(sid: string | undefined): void {
    this.#current = sid;
    this.#show();
  }

  /** Moves the focus to a conversation's row, or to the button for a new one. */
  focus(sid: string): void {
    const row = this.#list.querySelector<HTMLElement>(`[data-focus="${sid}"]`);
    (row ?? part("create", HTMLButtonElement)).focus();
  }

  /** Updates a conversation's row. */
  async refresh(conversation: Conversation): Promise<void> {
    await this.#read(conversation);
    this.#show();
  }

  async #read(conversation: Conversation): Promise<void> {
    if (conversation.status !== "joined") return;
    const own = Symbol(conversation.sid);
    this.#reads.set(conversation.sid, own);
    const [message, unread] = await Promise.all([
      this.#readLast(conversation).catch(() => undefined),
      read(() => conversation.getUnreadMessagesCount()).catch(() => null),
    ]);
    // It was read again meanwhile, or the user has left it.
    if (this.#reads.get(conversation.sid) !== own) return;
    const last = message?.body || message?.attachedMedia?.[0]?.filename || "";
    const lastIndex = conversation.lastMessage?.index ?? -1;
    // The SDK remembers a count for half a second, in which it may have changed.
    const isRead = (conversation.lastReadMessageIndex ?? -1) >= lastIndex;
    // Null: no message was ever read, so all are unread.
    const count = isRead ? 0 : (unread ?? lastIndex + 1);
    this.#rows.set(conversation.sid, { conversation, last, unread: count });
  }

  async #readLast(conversation: Conversation): Promise<Message | undefined> {
    const message = (await read(() => conversation.getMessages(1))).items.at(-1);
    // At once: it may be deleted while the unread messages are counted.
    if (message) this.#lastRead(message);
    return message;
  }

  async #add(page: Paginator<Conversation>): Promise<void> {
    await Promise.all(page.items.map((conversation) => this.#read(conversation)));
    this.#more.hidden = !page.hasNextPage;
    this.#more.onclick = () => void attempt(async () => this.#add(await read(() => page.nextPage())));
    this.#show();
  }

  #show(): void {
    const rows = [...this.#rows.values()].sort((a, b) => timeOf(b.conversation) - timeOf(a.conversation));
    const items = rows.map((row) => this.#itemOf(row));
    sync(this.#list, items.length > 0 ? items : [make("li", {}, texts.noConversations)]);
  }

  #itemOf({ conversation, last, unread }: Row): HTMLElement {
    const { sid, notificationLevel } = conversation;
    const isOpen = sid === this.#current;
    const marks = [
      ...(notificationLevel === "muted" ? [make("small", { class: "muted" }, texts.muted)] : []),
      ...(unread > 0 && !isOpen ? [make("small", { class: "unread" }, texts.unread(unread))] : []),
    ];
    const element = this.#buttons.get(sid) ?? make("button", { type: "button", "data-focus": sid });
    this.#buttons.set(sid, element);
    element.onclick = () => this.#open(conversation);
    if (isOpen) element.setAttribute("aria-current", "true");
    else element.removeAttribute("aria-current");
    element.replaceChildren(
      make("strong", {}, titleOf(conversation)),
      make("span", { class: "last" }, last),
      ...marks,
    );
    return element.parentElement ?? make("li", {}, element);
  }
}
