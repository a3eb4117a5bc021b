import type { Target } from "../twilio/target.ts";
import type { LockScope } from "./lock.ts";
import type { SendOptions } from "./send-once.ts";
import { inTurn } from "./turn.ts";

/** What messages are sent for that callers order. They share their keys, whichever endpoint it is. */
export const SENT_BY_CALLER = "send";

/** What the caller's `idempotencyKey`, or that there is none, says about sending. */
export const repeatability = (
  key: string | undefined,
): Required<Pick<SendOptions, "isNew" | "mayBeRepeated">> => ({
  isNew: key === undefined,
  mayBeRepeated: key !== undefined,
});

/**
 * Does what a caller's key stands for, one call after the other, so that each finds what the one before has done. Without
 * a key it is done at once.
 *
 * @throws {TurnTaken} when the turn did not come in three seconds.
 */
export const inTurnOfKey = <Result>(
  scope: LockScope,
  target: Target,
  key: string | undefined,
  act: (target: Target) => Promise<Result>,
): Promise<Result> =>
  key === undefined ? act(target) : inTurn(scope, target.conversationSid, () => act(target));
