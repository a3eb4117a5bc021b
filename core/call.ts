import { scaled } from "./time-scale.ts";

/** Kept back from the work, so that what fails late can still be undone. */
const RESERVE_MS = 2_500;

/** A call that Twilio has signed ends after this time at the latest: Studio gives up after ten seconds. */
export const LONGEST_SIGNED_CALL_MS = 9_000;

/** One invocation, and the time that it has. */
export class Call {
  readonly requestId: string;
  /**
   * Whether the events of a conversation are handled one after the other, and again where that fails: those of a queue. Then
   * nobody else is at the same, and what an earlier attempt has done is looked up.
   */
  readonly isQueued: boolean;
  #end: number;
  #deadline: number;
  #isRefused = false;
  #mayHaveActed = false;

  /** @param end When the platform ends this invocation, in milliseconds since the epoch. */
  constructor(requestId: string, end: number, { isQueued = false } = {}) {
    this.requestId = requestId;
    this.isQueued = isQueued;
    this.#end = end;
    this.#deadline = end - scaled(RESERVE_MS);
  }

  /** By when requests must be answered, in milliseconds since the epoch. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Lets requests use the reserved time too, to undo what could not be finished. */
  spendReserve(): void {
    this.#deadline = this.#end;
  }

  /** Notes that credentials of the caller or of the deployment were refused, as happens after a secret has changed. */
  noteRefusal(): void {
    this.#isRefused = true;
  }

  /** Notes a request that may have had an effect. */
  noteEffect(): void {
    this.#mayHaveActed = true;
  }

  /** Whether the deployment's secrets are to be read again, since they may have changed. */
  get mayHaveOldSecrets(): boolean {
    return this.#isRefused;
  }

  /** The same call from its beginning; `undefined` when something may have been done already. */
  again(): Call | undefined {
    return this.#mayHaveActed ? undefined : new Call(this.requestId, this.#end, this);
  }

  /**
   * Keeps the last milliseconds of the call for what must still be done then, such as releasing a lock. @returns gives them
   * back.
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
 * A request id for platforms that give none: the time and a random number, enough to find a call in the log. It is no
 * secret, so it does without OpenSSL's random generator, whose first use takes several milliseconds of a cold start.
 */
export const newRequestId = (): string =>
  `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 14)}`;
