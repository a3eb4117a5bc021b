import { scaled } from "./time-scale.ts";

/** Time reserved for undoing the steps of a call that fails late. */
const RESERVE_MS = 2_500;

/** A call that Twilio has signed ends after this time at the latest: Studio gives up after ten seconds. */
export const LONGEST_SIGNED_CALL_MS = 9_000;

/** One invocation, with its deadline. */
export class Call {
  readonly requestId: string;
  /**
   * Whether the event comes from a queue: events of one conversation are handled one after the other, and again after a
   * failure. Then there are no concurrent invocations, and handlers check what an earlier attempt has done.
   */
  readonly isQueued: boolean;
  /** Whether the caller may repeat the whole call, which would find what this one has created. */
  mayBeRepeated = false;
  #end: number;
  #deadline: number;
  #isReserved = false;
  #isRefused = false;
  #mayHaveActed = false;

  /** @param end When the platform ends this invocation, in milliseconds since the epoch. */
  constructor(requestId: string, end: number, { isQueued = false } = {}) {
    this.requestId = requestId;
    this.isQueued = isQueued;
    this.#end = end;
    this.#deadline = end - scaled(RESERVE_MS);
  }

  /** When requests must be answered, in milliseconds since the epoch. */
  get deadline(): number {
    return this.#deadline;
  }

  /** When the call ends, in milliseconds since the epoch. */
  get end(): number {
    return this.#end;
  }

  /** Reserves the end of the call for what follows a failure: undoing incomplete steps, or creating a webhook again. */
  reserve(): void {
    this.#isReserved = true;
  }

  /** Lets requests use the reserved time, too, to undo incomplete steps. */
  spendReserve(): void {
    this.#deadline = this.#end;
  }

  /** Lets requests use the end of the call, unless it is reserved. @returns whether that is more time. */
  extend(): boolean {
    if (this.#isReserved || this.#deadline >= this.#end) return false;
    this.#deadline = this.#end;
    return true;
  }

  /** Notes that credentials of the caller or of the deployment were rejected, as after a change of a secret. */
  noteRefusal(): void {
    this.#isRefused = true;
  }

  /** Notes a request that may have had an effect. */
  noteEffect(): void {
    this.#mayHaveActed = true;
  }

  /** Whether the deployment's secrets must be read again, since they may have changed. */
  get mayHaveOldSecrets(): boolean {
    return this.#isRefused;
  }

  /** The same call, to start it again; `undefined` if it may have had an effect already. */
  again(): Call | undefined {
    return this.#mayHaveActed ? undefined : new Call(this.requestId, this.#end, this);
  }

  /**
   * Reserves the last milliseconds of the call for a final step, such as releasing a lock.
   * @returns a function that ends the reservation.
   */
  keepBack(milliseconds: number): () => void {
    const kept = scaled(milliseconds);
    this.#end -= kept;
    this.#deadline = Math.min(this.#deadline, this.#end);
    return () => {
      this.#end += kept;
    };
  }
}

/**
 * A request id for platforms that provide none: the time and a random number, to find a call in the log. It is not a
 * secret, so it is made without OpenSSL's random generator, whose first use takes several milliseconds of a cold start.
 */
export const newRequestId = (): string =>
  `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 14)}`;
