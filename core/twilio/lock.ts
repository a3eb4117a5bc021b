import type { ConversationListInstance as Conversations } from "twilio/lib/rest/conversations/v1/conversation.js";
import type { Call } from "../handler.ts";
import type { Log } from "../log.ts";
import { parseAttributes } from "./attributes.ts";
import { ABANDONED_AFTER_MS, makeOrFind, removeConversation } from "./make-conversation.ts";

const HOLDER = "lockedBy";

/** What locks, and for whom. */
export interface Lock {
  /** The lock's name. It becomes a conversation's unique name. */
  readonly name: string;
  /** When what is done under it came up, by Twilio's clock. A lock much older than that was abandoned. */
  readonly since: Date;
  readonly call: Call;
  readonly log: Log;
}

/**
 * Does something while nobody else does it under the same name, on whichever machine.
 *
 * Conversations has no store and no conditional update, but it gives a unique name to one conversation only (error
 * 50353). So the lock is an empty conversation of that name: whoever has made it acts, and deletes it afterwards. No
 * webhook hears of it. One that is left behind, by a platform that killed its holder, counts for a minute.
 *
 * It holds others off at the same time and not later: `act` still has to look whether the work is done already.
 *
 * @returns what `act` gives, or `undefined` when somebody else holds the lock.
 */
export async function withLock<Result>(
  conversations: Conversations,
  lock: Lock,
  act: () => Promise<Result>,
): Promise<Result | undefined> {
  const sid = await acquire(conversations, lock);
  if (sid === undefined) return undefined;
  try {
    return await act();
  } finally {
    lock.call.spendReserve();
    await removeConversation(conversations(sid)).catch((error: unknown) => {
      lock.log.warn("lock_left_behind", { conversationSid: sid, error });
    });
  }
}

/** Twice: once more when the lock was released or was abandoned in that very moment. */
async function acquire(
  conversations: Conversations,
  { name, since, call }: Lock,
): Promise<string | undefined> {
  const friendlyName = "A lock of Parley's, gone in a moment";
  const attributes = JSON.stringify({ [HOLDER]: call.requestId });
  for (let attempt = 1; attempt <= 2; attempt++) {
    const found = await makeOrFind(conversations, name, { friendlyName, attributes });
    if (found === undefined) continue;
    if (parseAttributes(found.attributes)[HOLDER] === call.requestId) return found.sid;
    if (since.getTime() - found.dateCreated.getTime() < ABANDONED_AFTER_MS) return undefined;
    await removeConversation(conversations(found.sid));
  }
  return undefined;
}
