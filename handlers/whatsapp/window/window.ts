import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { SendContext } from "../../../core/state/send-once.ts";
import type { State } from "../../../core/state/state.ts";
import { messagesOf } from "../../../core/twilio/messages.ts";

/** How long WhatsApp accepts free text after a person's last message (docs: Using WhatsApp with Conversations). */
const WINDOW_MS = 24 * 60 * 60 * 1_000;
/** A message needs some time to reach WhatsApp, which checks the window. */
const MARGIN_MS = 5 * 60 * 1_000;
/** Older messages are not read: so many messages within a day, none of them from the person, are rare. */
const MOST_MESSAGES = 500;

/** Whether WhatsApp accepts free text for all recipients of a message. */
export interface Window {
  /** `closing`: it closes so soon that a message may be too late. */
  readonly state: "open" | "closing" | "closed";
  /** When the first of the windows closes, if all are open. */
  readonly closesAt: Date | undefined;
}

/**
 * Reads from a conversation's messages whether WhatsApp accepts free text: whether each of the people has written in it within
 * the last 24 hours. Reads the newest messages first, at most 500.
 *
 * @param people SIDs of the recipients.
 */
export async function readWindow(
  { conversation, state }: Pick<SendContext, "conversation" | "state">,
  people: readonly string[],
  now: Date,
): Promise<Window> {
  const since = now.getTime() - WINDOW_MS;
  const lastWrote = await readLastMessages({ conversation, state }, new Set(people), since);
  const moments = people.map((sid) => lastWrote.get(sid) ?? Number.NEGATIVE_INFINITY);
  const closesAt = Math.min(...moments) + WINDOW_MS;
  if (closesAt <= now.getTime()) return { state: "closed", closesAt: undefined };
  const isClosing = closesAt - now.getTime() <= MARGIN_MS;
  return { state: isClosing ? "closing" : "open", closesAt: new Date(closesAt) };
}

/** When each person last wrote since a time, in milliseconds since the epoch. */
async function readLastMessages(
  { conversation, state }: Pick<SendContext, "conversation" | "state">,
  people: ReadonlySet<string>,
  since: number,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  let read = 0;
  for await (const message of messagesOf(conversation, "desc")) {
    const at = message.dateCreated.getTime();
    if (at < since) break;
    const sid = message.participantSid ?? "";
    if (people.has(sid) && !found.has(sid) && isFromPhone(state, message)) found.set(sid, at);
    read++;
    if (found.size === people.size || read === MOST_MESSAGES) break;
  }
  return found;
}

/** Programs may send messages with a person as author, so that only the others receive them. These open no window. */
const isFromPhone = (state: State, message: MessageInstance): boolean =>
  !message.contentSid && state.keyOf(message) === undefined;
