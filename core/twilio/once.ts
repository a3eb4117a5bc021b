import type { Call } from "../call.ts";
import { HandlerError } from "../errors.ts";
import { omitUndefined } from "../omit-undefined.ts";
import { scaled } from "../time-scale.ts";
import { isTwilioError, isUncertain, noneIf404 } from "./errors.ts";

/**
 * Creates a resource that Twilio allows only once: by its unique name, messaging binding or identity. So the request may be
 * repeated when its outcome is unknown: if the first one has succeeded, Twilio rejects the second one, and the resource is
 * found.
 *
 * @param find Finds what `create` creates.
 */
export async function createUnique<Created>(
  create: () => Promise<Created>,
  find: () => Promise<Created | undefined>,
): Promise<Created> {
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

/** Removes a resource. @returns whether it existed. */
export async function removeIfPresent(remove: () => Promise<boolean>): Promise<boolean> {
  return (await repeatWhileUncertain(remove).catch(noneIf404)) ?? false;
}

/** 504: it is unknown whether a message or webhook was created; it has not appeared in the time of this call. */
export class OutcomeUnknown extends HandlerError {
  /** Searches again. */
  readonly find: () => Promise<unknown>;

  constructor(
    { mayBeRepeated, find }: Pick<CarefulCreate<unknown>, "mayBeRepeated" | "find">,
    cause: unknown,
  ) {
    const advice = mayBeRepeated
      ? "Repeat the call: it finds what this one has created."
      : "Check whether it exists before you repeat the call.";
    super(
      504,
      "outcome_unknown",
      `Twilio did not answer whether the request has succeeded. ${advice}`,
      omitUndefined({ cause, retryAfter: mayBeRepeated ? 1 : undefined }),
    );
    this.find = find;
  }
}

/** How to create a message or a webhook, whose create must not be repeated blindly. */
export interface CarefulCreate<Created> {
  create(): Promise<Created>;
  /** Finds what `create` creates. */
  find(): Promise<Created | undefined>;
  readonly call: Call;
  /** Whether the caller may repeat the whole call, which would find what this one has created. */
  readonly mayBeRepeated: boolean;
  /** Whether the call's reserved time is needed to undo something when this fails. */
  readonly isTakenBack?: boolean;
}

const SEARCHES_BEFORE_REPEATING = 2;
const FIRST_SEARCH_PAUSE_MS = 60;
const LONGEST_SEARCH_PAUSE_MS = 600;

/**
 * Creates what Twilio would create twice: a message or a scoped webhook. When the outcome is unknown, it is searched for
 * until the call's deadline. The request is repeated in one case: Twilio answered with a 5xx, and two searches have not
 * found it.
 *
 * @throws {OutcomeUnknown}
 */
export async function createCarefully<Created>(careful: CarefulCreate<Created>): Promise<Created> {
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
  let searches = 0;
  for (let pause = FIRST_SEARCH_PAUSE_MS; ; pause = Math.min(pause * 1.6, LONGEST_SEARCH_PAUSE_MS)) {
    const found = await find().then(
      (created) => {
        searches++;
        return created;
      },
      (error: unknown) => {
        if (!isTransient(error)) throw error;
        return undefined;
      },
    );
    if (found !== undefined) return found;
    if (mayCreate && searches >= SEARCHES_BEFORE_REPEATING) {
      mayCreate = false;
      const repeated = await attempt();
      if (repeated !== undefined) return repeated;
    }
    if (Date.now() + scaled(pause) >= call.deadline) throw new OutcomeUnknown(careful, lost);
    await new Promise((resolve) => setTimeout(resolve, scaled(pause)));
  }
}

/** Whether a search that failed may succeed when it is repeated. */
const isTransient = (error: unknown): boolean =>
  isUncertain(error) ||
  (error instanceof HandlerError && error.status >= 500) ||
  isTwilioError(error, { status: 429 });

const ATTEMPTS = 3;
const FIRST_DELAY_MS = 60;

/**
 * Repeats an idempotent request, such as setting a state, while its outcome is unknown: after a growing pause with jitter.
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
