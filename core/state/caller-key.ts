import type { Target } from "../twilio/target.ts";
import type { LockContext } from "./lock.ts";
import { inTurn } from "./turn.ts";

/** Purpose of messages that callers send. The endpoints share the idempotency keys. */
export const SENT_BY_CALLER = "send";

/**
 * Runs the calls with one `idempotencyKey` one after the other, so that each finds what the one before has sent. A call
 * without a key runs at once.
 *
 * @throws {Busy} when the other calls take longer than three seconds.
 */
export const inTurnOfKey = <Result>(
  context: LockContext,
  target: Target,
  key: string | undefined,
  act: (target: Target) => Promise<Result>,
): Promise<Result> =>
  key === undefined ? act(target) : inTurn(context, target.conversationSid, () => act(target));
