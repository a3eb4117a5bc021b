import type { ConversationListInstance as Conversations } from "twilio/lib/rest/conversations/v1/conversation.js";
import type { ParticipantConversationListInstance as ParticipantConversations } from "twilio/lib/rest/conversations/v1/participantConversation.js";
import type { Call } from "../../../core/call.ts";
import { UpstreamFailed } from "../../../core/errors.ts";
import { omitUndefined } from "../../../core/omit-undefined.ts";
import { type Sid, sidOf } from "../../../core/sid.ts";
import { explainTwilioError, noneIf404 } from "../../../core/twilio/errors.ts";
import { nextTokenOf, pageAt } from "../../../core/twilio/pages.ts";
import type { Person } from "./person.ts";
import { hasTime, type MessagesPosition, type Position } from "./progress.ts";

/** A call handles at most this many conversations. */
export const MOST_CONVERSATIONS = 50;
const PAGE_SIZE = 100;

/** A conversation that may hold data of the person. */
export interface Found {
  readonly sid: Sid<"CH">;
  readonly isClosed: boolean;
}

interface FoundPage {
  readonly token: string | undefined;
  readonly conversations: readonly Found[];
}

/** How to search. */
export interface Search {
  readonly conversations: Conversations;
  readonly participantConversations: ParticipantConversations;
  readonly person: Person;
  /** Whether to read all conversations of the service, also those that the person has left. */
  readonly allConversations: boolean;
  readonly call: Call;
}

/**
 * Visits the person's conversations, from a position on, while there is time. A visit that runs out of time, unless it is the
 * first, is left to the next call.
 *
 * @param visit Returns a position if it has not finished the conversation.
 * @returns where to continue; `undefined` after the last conversation.
 */
export async function forEachConversation(
  search: Search,
  start: Position,
  visit: (found: Found, from: MessagesPosition) => Promise<MessagesPosition | undefined>,
): Promise<Position | undefined> {
  let position = start;
  let visited = 0;
  for await (const { token, conversations } of pagesOf(search, start.page)) {
    if (token !== position.page) position = omitUndefined({ page: token });
    const { after } = position;
    const rest = conversations.filter(({ sid }) => after === undefined || sid > after);
    for (const found of rest.sort((a, b) => (a.sid < b.sid ? -1 : 1))) {
      // A call always visits one.
      if (visited > 0 && (visited === MOST_CONVERSATIONS || !hasTime(search.call))) return position;
      visited++;
      const from = position.messages ?? { part: 1 };
      const visiting = visit(found, from);
      const messages = await (visited === 1 ? visiting : visiting.catch(orLater(from)));
      if (messages !== undefined) return { ...position, messages };
      position = omitUndefined({ page: token, after: found.sid });
    }
  }
  return undefined;
}

/** Returns where the next call continues after a time-out, and throws other errors. */
const orLater = (from: MessagesPosition) => (error: unknown) => {
  const explained = explainTwilioError(error);
  if (explained instanceof UpstreamFailed && explained.status === 504) return from;
  throw error;
};

async function* pagesOf(search: Search, from: string | undefined): AsyncGenerator<FoundPage, void> {
  if (!search.allConversations) {
    yield { token: undefined, conversations: await currentOnes(search) };
    return;
  }
  const read = (pageToken: string | undefined) =>
    search.conversations.page(omitUndefined({ pageSize: PAGE_SIZE, pageToken }));
  let next = from;
  do {
    const { page, token } = await pageAt(read, next);
    const conversations = page.instances.map(({ sid, state }) => foundOf(sid, state));
    yield { token, conversations };
    next = nextTokenOf(page);
  } while (next !== undefined);
}

/** Those in which the person is a participant. */
async function currentOnes({ participantConversations, person }: Search): Promise<readonly Found[]> {
  const all = (await participantConversations.list(omitUndefined({ ...person })).catch(noneIf404)) ?? [];
  const bySid = new Map(
    all.map(({ conversationSid, conversationState }) => [
      conversationSid,
      foundOf(conversationSid, conversationState),
    ]),
  );
  return [...bySid.values()];
}

const foundOf = (sid: string, state: string): Found => ({
  sid: sidOf("CH", sid),
  isClosed: state === "closed",
});
