import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { Outbox } from "../../../core/state/send-once.ts";
import type { State } from "../../../core/state/state.ts";
import { messagesOf } from "../../../core/twilio/messages.ts";

/** How long WhatsApp takes free text after a person's last message (docs: Using WhatsApp with Conversations). */
const WINDOW_MS = 24 * 60 * 60 * 1_000;
/** A message needs some time to get to WhatsApp, which is where the window counts. */
const MARGIN_MS = 5 * 60 * 1_000;
/** What lies further back is not looked at: a conversation this lively that a person has not written in is rare. */
const MOST_MESSAGES = 500;

/** Whether WhatsApp takes free text for everybody who would get a message. */
export interface Window {
  /** `closing`: open for so short a time that a message may come too late. */
  readonly state: "open" | "closing" | "closed";
  /** When the first of their windows closes, if all are open. */
  readonly closesAt: Date | undefined;
}

/**
 * Reads from a conversation's own messages whether WhatsApp takes free text: whether each of the people has written in it
 * within the last 24 hours. Reads the newest messages first, and 500 at most.
 *
 * @param people SIDs of the participants who would get the message.
 */
export async function readWindow(
  { conversation, state }: Pick<Outbox, "conversation" | "state">,
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

/** When each person last wrote, in milliseconds since the epoch; not those who have not written since then. */
async function readLastMessages(
  { conversation, state }: Pick<Outbox, "conversation" | "state">,
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

/** A program may write in a person's name, to have a message go to the others alone. That opens no window. */
const isFromPhone = (state: State, message: MessageInstance): boolean =>
  !message.contentSid && state.keyOf(message) === undefined;
