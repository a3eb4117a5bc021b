import { HandlerError } from "../errors.ts";
import type { Sid } from "../sid.ts";
import { scaled } from "../time-scale.ts";
import { type LockContext, withLock } from "./lock.ts";

const LONGEST_WAIT_MS = 3_000;
const PAUSE_MS = 100;

/** 503: another invocation is handling the same conversation. The call can be repeated. */
class Busy extends HandlerError {
  constructor() {
    super(503, "busy", "Another call or event of this conversation is being handled. Try again.", {
      retryAfter: 1,
    });
  }
}

/**
 * Runs the invocations that act on a conversation one after the other.
 *
 * @throws {Busy} when the others take longer than three seconds.
 */
export async function inTurn<Result>(
  context: LockContext,
  sid: Sid<"CH" | "US">,
  act: () => Promise<Result>,
): Promise<Result> {
  const giveUpAt = Date.now() + scaled(LONGEST_WAIT_MS);
  for (;;) {
    const turn = await withLock(context, sid, async () => ({ result: await act() }));
    if (turn) return turn.result;
    if (Date.now() > giveUpAt) throw new Busy();
    await new Promise((resolve) => setTimeout(resolve, scaled(PAUSE_MS) * (0.5 + Math.random())));
  }
}
