import type { ConversationListInstance as Conversations } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import type { Call } from "../call.ts";
import type { Log } from "../log.ts";
import type { Sid } from "../sid.ts";
import { ABANDONED_AFTER_MS, makeOrFind, removeConversation } from "../twilio/make-conversation.ts";
import { record } from "./record.ts";
import type { State } from "./state.ts";

/** The record of a lock: the request that holds it, and for how many milliseconds at most. */
const lock = record("lock", v.object({ by: v.string(), atMostMs: v.number() }));

/** Whether a conversation is a lock, to which no webhook handler reacts. */
export const isLock = (state: State, conversation: Parameters<State["isOwn"]>[0]): boolean =>
  state.ofConversation(lock, conversation) !== undefined;

/** Twilio returns whole seconds, and its clock may differ from ours. */
const CLOCK_MARGIN_MS = 2_000;
/** Time that is reserved from `act` for releasing the lock, in milliseconds. */
const TIME_TO_RELEASE_MS = 800;

/** What an invocation needs to take a lock. */
export interface LockContext {
  readonly conversations: Conversations;
  readonly state: State;
  readonly call: Call;
  readonly log: Log;
}

/**
 * Runs a function under a lock on a conversation, which excludes all other invocations.
 *
 * Conversations has no store and no conditional update, but only one conversation can have a unique name (error 50353). So
 * the lock is an empty conversation whose unique name is derived from the SID of the locked one: the invocation that creates
 * it holds the lock, and deletes it afterwards. No webhook is called for it. A lock whose holder was killed expires when that
 * call's time is over: after 9 seconds for a call that Twilio has signed, and 30 seconds for an event from the queue.
 *
 * It excludes concurrent invocations, not later ones: `act` still has to check whether the work is already done.
 *
 * @returns what `act` returns, or `undefined` when another invocation holds the lock.
 */
export async function withLock<Result>(
  context: LockContext,
  sid: Sid<"CH" | "US">,
  act: () => Promise<Result>,
): Promise<Result | undefined> {
  const { conversations, call, log } = context;
  const lockSid = await acquire(context, sid);
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

/** Tries a second time when the lock was released or expired meanwhile. */
async function acquire(context: LockContext, sid: Sid<"CH" | "US">): Promise<string | undefined> {
  const { conversations, state, call } = context;
  const uniqueName = `lock-${state.name("lock", sid)}`;
  const friendlyName = "A lock of Parley's, deleted within seconds";
  const held = { by: call.requestId, atMostMs: Math.max(0, call.end - Date.now()) };
  const attributes = state.forConversation(lock, { uniqueName }, held);
  for (let attempt = 1; attempt <= 2; attempt++) {
    const found = await makeOrFind(context, uniqueName, { friendlyName, attributes });
    if (found === undefined) continue;
    const holder = state.ofConversation(lock, found);
    if (holder?.by === call.requestId) return found.sid;
    // One without a record was created with another STATE_SECRET.
    const expiresAfterMs = holder === undefined ? ABANDONED_AFTER_MS : holder.atMostMs + CLOCK_MARGIN_MS;
    if (Date.now() - found.dateCreated.getTime() < expiresAfterMs) return undefined;
    await removeConversation(conversations(found.sid));
  }
  return undefined;
}
