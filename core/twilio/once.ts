import type { Call } from "../call.ts";
import { HandlerError } from "../errors.ts";
import { omitUndefined } from "../omit-undefined.ts";
import { scaled } from "../time-scale.ts";
import { isTwilioError, isUncertain, noneIf404 } from "./errors.ts";

/** Removes a resource. @returns whether it existed. */
export async function removeIfPresent(remove: () => Promise<boolean>): Promise<boolean> {
  return (await repeatWhileUncertain(remove).catch(noneIf404)) ?? false;
}

/** A request that has not taken effect so long after it was sent is taken as lost: three times the transport's limit. */
const SETTLED_AFTER_MS = 12_000;

/** 504: it is unknown whether a resource was created; it has not appeared in the time of this call. */
export class OutcomeUnknown extends HandlerError {
  /** When the request is taken as lost, in milliseconds since the epoch. */
  readonly settlesAt: number;
  /** Searches again, if it is a message. */
  readonly findMessage: (() => Promise<unknown>) | undefined;

  constructor(
    { call, find, isMessage = false }: Pick<CarefulCreate<unknown>, "call" | "find" | "isMessage">,
    settlesAt: number,
    cause?: unknown,
  ) {
    const seconds = Math.max(1, Math.ceil((settlesAt - Date.now()) / 1_000));
    const advice = call.mayBeRepeated
      ? `Repeat the call after ${seconds} s: it finds what this one has created.`
      : "Check whether it exists before you repeat the call.";
    super(
      504,
      "outcome_unknown",
      `Twilio did not answer whether the request has succeeded. ${advice}`,
      omitUndefined({ cause, retryAfter: call.mayBeRepeated ? seconds : undefined }),
    );
    this.settlesAt = settlesAt;
    this.findMessage = isMessage ? find : undefined;
  }
}

/** Until when the outcome of a failed attempt's create is unknown; `undefined` if it is known. */
export function settlesAtOf(error: unknown): number | undefined {
  if (error instanceof OutcomeUnknown) return error.settlesAt;
  return error instanceof Error && error.cause !== undefined ? settlesAtOf(error.cause) : undefined;
}

/** How to create a resource, and how to find it when the outcome is unknown. */
export interface CarefulCreate<Created> {
  create(): Promise<Created>;
  /** Finds what `create` creates. */
  find(): Promise<Created | undefined>;
  readonly call: Call;
  /** Whether it is a message. */
  readonly isMessage?: boolean;
}

const SEARCHES_BEFORE_REPEATING = 2;
const FIRST_SEARCH_PAUSE_MS = 60;
const LONGEST_SEARCH_PAUSE_MS = 600;

/**
 * Creates a resource that Twilio allows only once: by its unique name, messaging binding or identity. So the request is
 * repeated until the call's deadline when its outcome is unknown: if the first one has succeeded, Twilio rejects the next
 * one, and the resource is found.
 *
 * @throws {OutcomeUnknown}
 */
export const createUnique = <Created>(careful: CarefulCreate<Created>): Promise<Created> =>
  createAndSearch(careful, () => true);

/**
 * Creates what Twilio would create twice: a message or a scoped webhook. When the outcome is unknown, it is searched for
 * until the call's deadline. The request is repeated in one case: Twilio answered with a 5xx, and two searches have not
 * found it.
 *
 * @throws {OutcomeUnknown}
 */
export const createCarefully = <Created>(careful: CarefulCreate<Created>): Promise<Created> =>
  createAndSearch(
    careful,
    ({ lost, searches, repeats }) =>
      repeats === 0 && isTwilioError(lost) && searches >= SEARCHES_BEFORE_REPEATING,
  );

/** What is known about a create whose outcome is unknown. */
interface Uncertainty {
  /** What the last request threw. */
  readonly lost: unknown;
  /** Successful searches since. */
  readonly searches: number;
  /** How often the request was repeated. */
  readonly repeats: number;
}

async function createAndSearch<Created>(
  careful: CarefulCreate<Created>,
  isToRepeat: (uncertainty: Uncertainty) => boolean,
): Promise<Created> {
  const { create, find, call } = careful;
  const settlesAt = Date.now() + scaled(SETTLED_AFTER_MS);
  let lost: unknown;
  let searches = 0;
  const search = async () => {
    try {
      const found = await find();
      searches++;
      return found;
    } catch (error) {
      if (!isTransient(error)) throw error;
      return undefined;
    }
  };
  const attempt = async () => {
    searches = 0;
    try {
      return await create();
    } catch (error) {
      if (!isUncertain(error)) {
        if (lost === undefined) throw error;
        if (isTransient(error)) return undefined;
        // Rejected, probably because an earlier request has succeeded meanwhile.
        const found = await search();
        if (found === undefined && searches > 0) throw error;
        return found;
      }
      lost = error;
      return undefined;
    }
  };
  let created = await attempt();
  let repeats = 0;
  for (let pause = FIRST_SEARCH_PAUSE_MS; ; pause = Math.min(pause * 1.6, LONGEST_SEARCH_PAUSE_MS)) {
    created ??= await search();
    if (created === undefined && isToRepeat({ lost, searches, repeats })) {
      repeats++;
      created = await attempt();
    }
    if (created !== undefined) return created;
    if (Date.now() + scaled(pause) >= call.deadline && !call.extend()) {
      throw new OutcomeUnknown(careful, settlesAt, lost);
    }
    await new Promise((resolve) => setTimeout(resolve, scaled(pause)));
  }
}

/**
 * Searches for what an earlier call may have created, until its request is taken as lost.
 *
 * @param settlesAt See {@link OutcomeUnknown}.
 * @throws {OutcomeUnknown} when this call ends before that.
 */
export async function searchUntilSettled<Found>(
  { find, call }: Pick<CarefulCreate<Found>, "find" | "call">,
  settlesAt: number,
): Promise<Found | undefined> {
  for (;;) {
    const found = await find();
    if (found !== undefined || Date.now() >= settlesAt) return found;
    const pause = scaled(LONGEST_SEARCH_PAUSE_MS);
    if (Date.now() + pause >= call.deadline) throw new OutcomeUnknown({ call, find }, settlesAt);
    await new Promise((resolve) => setTimeout(resolve, pause));
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
