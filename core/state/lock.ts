import type { ConversationListInstance as Conversations } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import type { Call } from "../call.ts";
import type { Log } from "../log.ts";
import type { Sid } from "../sid.ts";
import { ABANDONED_AFTER_MS, makeOrFind, removeConversation } from "../twilio/make-conversation.ts";
import { record } from "./record.ts";
import type { State } from "./state.ts";

/** The record of a lock: the request that holds it. */
const lock = record("lock", v.object({ by: v.string() }));

/** Whether a conversation is a lock, and nobody's to react to. */
export const isLock = (state: State, conversation: Parameters<State["isOwn"]>[0]): boolean =>
  state.ofConversation(lock, conversation) !== undefined;

/** What `act` leaves of the call's time, however long it looks for what became of a request. */
const TIME_TO_RELEASE_MS = 800;

/** The invocation that acts. */
export interface LockScope {
  readonly conversations: Conversations;
  readonly state: State;
  readonly call: Call;
  readonly log: Log;
}

/**
 * Does something while nobody else does it for the same conversation, on whichever machine.
 *
 * Conversations has no store and no conditional update, but it gives a unique name to one conversation only (error
 * 50353). So the lock is an empty conversation, whose name is derived from the SID of the other one: whoever has made it
 * acts, and deletes it afterwards. No webhook hears of it. One that is left behind, by a platform that killed its holder,
 * counts for a minute.
 *
 * It holds others off at the same time and not later: `act` still has to look whether the work is done already.
 *
 * @returns what `act` gives, or `undefined` when somebody else holds the lock.
 */
export async function withLock<Result>(
  scope: LockScope,
  sid: Sid<"CH" | "US">,
  act: () => Promise<Result>,
): Promise<Result | undefined> {
  const { conversations, call, log } = scope;
  const lockSid = await acquire(scope, sid);
  if (lockSid === undefined) return undefined;
  const giveBack = call.keepBack(TIME_TO_RELEASE_MS);
  try {
    return await act();
  } finally {
    giveBack();
    call.spendReserve();
    await removeConversation(conversations(lockSid)).catch((error: unknown) => {
      log.warn("lock_left_behind", { conversationSid: sid, lockSid, error });
    });
  }
}

/** Twice: once more when the lock was released or was abandoned in that very moment. */
async function acquire(
  { conversations, state, call }: LockScope,
  sid: Sid<"CH" | "US">,
): Promise<string | undefined> {
  const uniqueName = `lock-${state.name("lock", sid)}`;
  const friendlyName = "A lock of Parley's, gone in a moment";
  const attributes = state.forConversation(lock, { uniqueName }, { by: call.requestId });
  const now = Date.now();
  for (let attempt = 1; attempt <= 2; attempt++) {
    const found = await makeOrFind(conversations, uniqueName, { friendlyName, attributes });
    if (found === undefined) continue;
    if (state.ofConversation(lock, found)?.by === call.requestId) return found.sid;
    if (now - found.dateCreated.getTime() < ABANDONED_AFTER_MS) return undefined;
    await removeConversation(conversations(found.sid));
  }
  return undefined;
}
