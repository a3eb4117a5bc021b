import { HandlerError } from "../errors.ts";
import type { Sid } from "../sid.ts";
import { scaled } from "../time-scale.ts";
import { type LockScope, withLock } from "./lock.ts";

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

/**
 * Lets one invocation after the other act on a conversation.
 *
 * @throws {TurnTaken} when the turn did not come in three seconds.
 */
export async function inTurn<Result>(
  scope: LockScope,
  sid: Sid<"CH" | "US">,
  act: () => Promise<Result>,
): Promise<Result> {
  const giveUpAt = Date.now() + scaled(LONGEST_WAIT_MS);
  for (;;) {
    const turn = await withLock(scope, sid, async () => ({ result: await act() }));
    if (turn) return turn.result;
    if (Date.now() > giveUpAt) throw new TurnTaken();
    await new Promise((resolve) => setTimeout(resolve, scaled(PAUSE_MS) * (0.5 + Math.random())));
  }
}
