import { createHash } from "node:crypto";
import type { ConversationListInstance as Conversations } from "twilio/lib/rest/conversations/v1/conversation.js";
import { HandlerError } from "../errors.ts";
import type { Call } from "../handler.ts";
import type { Log } from "../log.ts";
import { withLock } from "./lock.ts";

const LONGEST_WAIT_MS = 3_000;
const PAUSE_MS = 100;

/** 503: another invocation is at work on the same. Worth another try. */
class TurnTaken extends HandlerError {
  constructor() {
    super(503, "busy", "Another call or event of this conversation is being handled. Try again.", {
      retryAfter: 1,
    });
  }
}

/** The invocation that acts. */
interface Scope {
  readonly call: Call;
  readonly log: Log;
}

/**
 * Lets one invocation after the other act on a conversation: waits for the lock that is named after it.
 *
 * @throws {TurnTaken} when the turn did not come in three seconds.
 */
export const inTurn = <Result>(
  conversations: Conversations,
  conversationSid: string,
  scope: Scope,
  act: () => Promise<Result>,
): Promise<Result> => inTurnOf(conversations, conversationSid, scope, act);

/**
 * Does what a caller's key stands for, one call with it after the other, so that each finds what the one before has done.
 * Without a key it is done at once.
 *
 * @param conversation By its SID or unique name. Calls that name it in different ways do not wait for each other.
 * @throws {TurnTaken} when the turn did not come in three seconds.
 */
export function inTurnOfKey<Result>(
  conversations: Conversations,
  conversation: string,
  key: string | undefined,
  scope: Scope,
  act: () => Promise<Result>,
): Promise<Result> {
  if (key === undefined) return act();
  // A key may be longer than a name, and of characters that a name does not have.
  const name = createHash("sha256").update(`${conversation} ${key}`).digest("hex").slice(0, 32);
  return inTurnOf(conversations, name, scope, act);
}

async function inTurnOf<Result>(
  conversations: Conversations,
  name: string,
  { call, log }: Scope,
  act: () => Promise<Result>,
): Promise<Result> {
  const giveUpAt = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    const lock = { name: `turn-${name}`, since: new Date(), call, log };
    const turn = await withLock(conversations, lock, async () => ({ result: await act() }));
    if (turn) return turn.result;
    if (Date.now() > giveUpAt) throw new TurnTaken();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (0.5 + Math.random())));
  }
}
