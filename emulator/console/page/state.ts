import {
  ApiError,
  type Clock,
  type Conversation,
  type ConversationDetail,
  type Info,
  type OwnNumber,
  type Part,
  type Phone,
  type PhoneMessage,
  type Push,
  read,
  type Session,
  type WebhookAttempt,
} from "./api.ts";

/** The maximum numbers that are shown. */
const mostPhones = 12;
const mostConversations = 100;
const mostMessages = 200;
export const mostWebhooks = 200;

/** The latest state of the emulator, and the user's selection. */
export interface State {
  info: Info | undefined;
  clock: Clock;
  /** When the clock was read, on the scale of `performance.now()`. */
  clockReadAt: number;
  numbers: readonly OwnNumber[];
  /** All phones with their states, and the messages of those on the page. */
  phones: readonly string[];
  readonly handsets: Map<string, Phone>;
  readonly inboxes: Map<string, readonly PhoneMessage[]>;
  conversations: readonly Conversation[];
  conversationCount: number;
  webhooks: readonly WebhookAttempt[];
  sessions: readonly Session[];
  pushes: readonly Push[];
  /** Phones added by the user, and phones that the user has hidden. */
  readonly added: Set<string>;
  readonly hidden: Set<string>;
  /** The conversation that is open. */
  openedSid: string | undefined;
  opened: ConversationDetail | undefined;
}

export function emptyState(): State {
  return {
    info: undefined,
    clock: { mode: "manual", now: new Date(0).toISOString() },
    clockReadAt: 0,
    numbers: [],
    phones: [],
    handsets: new Map(),
    inboxes: new Map(),
    conversations: [],
    conversationCount: 0,
    webhooks: [],
    sessions: [],
    pushes: [],
    added: new Set(),
    hidden: new Set(),
    openedSid: undefined,
    opened: undefined,
  };
}

/** Reloads the parts. Throws as {@link read} does. */
export async function load(state: State, parts: ReadonlySet<Part>): Promise<void> {
  const loads: Promise<void>[] = [];
  if (parts.has("clock")) loads.push(loadClock(state));
  if (parts.has("webhooks")) loads.push(loadWebhooks(state));
  if (parts.has("sessions")) loads.push(loadSessions(state));
  if (parts.has("account")) loads.push(loadAccount(state));
  if (parts.has("conversations")) loads.push(loadConversations(state));
  if (parts.has("conversations") || parts.has("studio")) loads.push(loadOpened(state));
  await Promise.all(loads);
  // After the conversations, whose participants have phones.
  if (parts.has("phones") || parts.has("conversations")) await loadPhones(state);
}

/** Milliseconds since the epoch, on the emulator's clock. */
export function nowOf({ clock, clockReadAt }: State): number {
  const passed = clock.mode === "real" ? performance.now() - clockReadAt : 0;
  return Date.parse(clock.now) + passed;
}

/** The phones on the page: those added by the user, those used, and those of participants. */
export function shownPhones({ phones, added, hidden }: State): readonly string[] {
  const wanted = [...new Set([...phones.slice(-mostPhones), ...added])];
  return wanted.filter((address) => !hidden.has(address));
}

async function loadClock(state: State): Promise<void> {
  state.clock = await read<Clock>("/clock");
  state.clockReadAt = performance.now();
}

async function loadWebhooks(state: State): Promise<void> {
  const { webhooks } = await read<{ webhooks: WebhookAttempt[] }>(`/webhooks?last=${mostWebhooks}`);
  state.webhooks = webhooks;
}

async function loadSessions(state: State): Promise<void> {
  const [{ sessions }, { pushes }] = await Promise.all([
    read<{ sessions: Session[] }>("/sessions"),
    read<{ pushes: Push[] }>("/pushes"),
  ]);
  state.sessions = sessions;
  state.pushes = pushes;
}

async function loadAccount(state: State): Promise<void> {
  state.info = await read<Info>("/info");
  const { numbers } = await read<{ numbers: OwnNumber[] }>("/numbers");
  state.numbers = numbers;
}

async function loadConversations(state: State): Promise<void> {
  const path = `/conversations?last=${mostConversations}`;
  const { conversations, total } = await read<{ conversations: Conversation[]; total: number }>(path);
  state.conversations = conversations;
  state.conversationCount = total;
}

async function loadOpened(state: State): Promise<void> {
  const { openedSid } = state;
  // If the user opens another one meanwhile, that one is read next.
  const isCurrent = () => state.openedSid === openedSid;
  try {
    const path = `/conversations/${openedSid}?last=${mostMessages}`;
    const opened = openedSid === undefined ? undefined : await read<ConversationDetail>(path);
    if (isCurrent()) state.opened = opened;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (!isCurrent()) return;
    // It no longer exists: close it.
    state.openedSid = undefined;
    state.opened = undefined;
  }
}

async function loadPhones(state: State): Promise<void> {
  const { phones } = await read<{ phones: Phone[] }>("/phones");
  const people = state.conversations.flatMap(({ participants }) =>
    participants.flatMap(({ address, type }) => (address === null || type === "email" ? [] : [address])),
  );
  state.phones = [...new Set([...people, ...phones.map(({ address }) => address)])];
  state.handsets.clear();
  for (const phone of phones) state.handsets.set(phone.address, phone);
  await Promise.all(shownPhones(state).map((address) => loadInbox(state, address)));
}

/** Puts a phone on the page. Throws a {@link ApiError} when the text is not an address. */
export async function addPhone(state: State, address: string): Promise<void> {
  await loadInbox(state, address);
  state.added.add(address);
  state.hidden.delete(address);
}

async function loadInbox({ inboxes }: State, address: string): Promise<void> {
  const path = `/phones/${encodeURIComponent(address)}/messages?last=${mostMessages}`;
  inboxes.set(address, (await read<{ messages: PhoneMessage[] }>(path)).messages);
}
