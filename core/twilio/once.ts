import type { Call } from "../call.ts";
import { HandlerError } from "../errors.ts";
import { omitUndefined } from "../omit-undefined.ts";
import { scaled } from "../time-scale.ts";
import { isTwilioError, isUncertain } from "./errors.ts";

/**
 * Creates what Twilio itself makes only once: under a unique name, a messaging binding or an identity. So it may be sent
 * again when nobody knows whether it took effect; what the first request has made is then refused to the second one, and
 * found.
 *
 * @param find Looks for what `create` makes.
 */
export async function createUnique<Thing>(
  create: () => Promise<Thing>,
  find: () => Promise<Thing | undefined>,
): Promise<Thing> {
  let isRepeated = false;
  const createOrFind = async () => {
    try {
      return await create();
    } catch (error) {
      if (!isRepeated && !isUncertain(error)) throw error;
      isRepeated = true;
      const found = await find();
      if (found === undefined) throw error;
      return found;
    }
  };
  return repeatWhileUncertain(createOrFind);
}

/** 504: nobody knows whether a message or webhook was made, and it has not come up in the time of this call. */
export class OutcomeUnknown extends HandlerError {
  /** Looks once more. */
  readonly find: () => Promise<unknown>;

  constructor({ mayBeRepeated, find }: Pick<Careful<unknown>, "mayBeRepeated" | "find">, cause: unknown) {
    const advice = mayBeRepeated
      ? "Make the same call again: it finds what this one has made."
      : "Look whether it is there before you make the call again.";
    super(
      504,
      "outcome_unknown",
      `Twilio did not say whether it has done what was asked. ${advice}`,
      omitUndefined({ cause, retryAfter: mayBeRepeated ? 1 : undefined }),
    );
    this.find = find;
  }
}

/** How a message or a webhook is created whose create must not be repeated blindly. */
export interface Careful<Thing> {
  create(): Promise<Thing>;
  /** Looks for what `create` makes. */
  find(): Promise<Thing | undefined>;
  readonly call: Call;
  /** Whether the caller may make the whole call again, since it would find what this one has made. */
  readonly mayBeRepeated: boolean;
  /** Whether the call's last seconds are needed to take something back when this fails. */
  readonly isTakenBack?: boolean;
}

const LOOKS_BEFORE_REPEATING = 2;
const FIRST_LOOK_PAUSE_MS = 60;
const LONGEST_LOOK_PAUSE_MS = 600;

/**
 * Creates what Twilio would make twice: a message, a scoped webhook. Where nobody knows whether it took effect, it is looked
 * for until the call's time is over. It is sent again in one case: Twilio answered with a 5xx, and two looks have not found
 * it.
 *
 * @throws {OutcomeUnknown}
 */
export async function createCarefully<Thing>(careful: Careful<Thing>): Promise<Thing> {
  const { create, find, call, isTakenBack = false } = careful;
  let lost: unknown;
  const attempt = () =>
    create().catch((error: unknown) => {
      if (!isUncertain(error)) throw error;
      lost = error;
      return undefined;
    });
  const created = await attempt();
  if (created !== undefined) return created;
  if (!isTakenBack) call.spendReserve();
  let mayCreate = isTwilioError(lost);
  let looks = 0;
  for (let pause = FIRST_LOOK_PAUSE_MS; ; pause = Math.min(pause * 1.6, LONGEST_LOOK_PAUSE_MS)) {
    const found = await find().then(
      (thing) => {
        looks++;
        return thing;
      },
      (error: unknown) => {
        if (!isTransient(error)) throw error;
        return undefined;
      },
    );
    if (found !== undefined) return found;
    if (mayCreate && looks >= LOOKS_BEFORE_REPEATING) {
      mayCreate = false;
      const repeated = await attempt();
      if (repeated !== undefined) return repeated;
    }
    if (Date.now() + scaled(pause) >= call.deadline) throw new OutcomeUnknown(careful, lost);
    await new Promise((resolve) => setTimeout(resolve, scaled(pause)));
  }
}

/** A look that may succeed when it is taken again. */
const isTransient = (error: unknown): boolean =>
  isUncertain(error) ||
  (error instanceof HandlerError && error.status >= 500) ||
  isTwilioError(error, { status: 429 });

const ATTEMPTS = 3;
const FIRST_DELAY_MS = 60;

/**
 * Repeats what may be done twice without harm, such as setting a state, while its outcome is unknown: after a pause
 * with jitter that grows, since what fails rarely recovers within the same millisecond.
 */
export async function repeatWhileUncertain<Result>(act: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (!isUncertain(error) || attempt >= ATTEMPTS) throw error;
    }
    const delay = scaled(FIRST_DELAY_MS) * 4 ** (attempt - 1) * (0.5 + Math.random());
    await new Promise((resolve) => setTimeout(resolve, delay));
  }
}
