import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import { omitUndefined } from "../../../core/omit-undefined.ts";
import type { State } from "../../../core/state/state.ts";
import { type Event, readEvent } from "./event.ts";

/** The messages after a conversation's first one whose events check whether the conversation was handled. */
const CHECKED_MESSAGES = 3;
/** A person's first message and the conversation that it creates have the same time, or nearly so. */
const START_WINDOW_MS = 5_000;

/** The event of a new conversation, made from a later one, and the participant who has started the conversation. */
export interface Missed {
  readonly event: Event;
  readonly participantSid: string | undefined;
}

/**
 * For one of the first messages of a person on a phone: the event of the new conversation, which was not handled if
 * {@link isUntouched}. `undefined` for any other event.
 */
export function missedBefore(event: Event): Missed | undefined {
  if (event.EventType !== "onMessageAdded" || event.Source === "API" || event.Source === "SDK")
    return undefined;
  if (event.Index < 1 || event.Index > CHECKED_MESSAGES) return undefined;
  const { AccountSid, Source, ChatServiceSid, ConversationSid, ParticipantSid: participantSid } = event;
  const fields = { EventType: "onConversationAdded", AccountSid, Source, ChatServiceSid, ConversationSid };
  const missed = readEvent(omitUndefined(fields));
  return missed && { event: missed, participantSid };
}

/**
 * Whether nothing has happened in a conversation since a person on a phone has started it: nobody else is in it, nobody else
 * has written, and it has no webhook. Then the event of the new conversation was not handled, or to no effect.
 */
export async function isUntouched(
  conversation: ConversationContext,
  state: State,
  { participantSid }: Missed,
): Promise<boolean> {
  const messages = await conversation.messages.list({ order: "asc", limit: CHECKED_MESSAGES + 1 });
  const [first] = messages;
  if (first === undefined || messages.some((one) => one.participantSid !== participantSid)) return false;
  const [found, participants, webhooks] = await Promise.all([
    conversation.fetch(),
    conversation.participants.list({ limit: 2 }),
    conversation.webhooks.list({ limit: 1 }),
  ]);
  const age = first.dateCreated.getTime() - found.dateCreated.getTime();
  return participants.length === 1 && webhooks.length === 0 && age <= START_WINDOW_MS && !state.isOwn(found);
}
