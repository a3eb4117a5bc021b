import { createHash, randomBytes } from "node:crypto";
import { HandlerError } from "../errors.ts";

const SLOTS = 65_536;
const MOST_FAILED = 5;
const WINDOW_MS = 60_000;
/** scrypt occupies a thread of Node's pool, which has four, and 16 MB. */
const MOST_PARALLEL = 4;

/** Failed attempts since a time, in milliseconds since the epoch. */
interface Failures {
  since: number;
  count: number;
}

/**
 * Bounds the attempts to guess passwords within one instance of a function: five failed ones a minute for a name, and four at the
 * same time. It has no memory across instances.
 *
 * Names share a fixed number of slots under a random key, so that memory is bounded, the answers do not show which names exist,
 * and nobody can choose a name that blocks another one.
 */
export class Attempts {
  readonly #key = randomBytes(16);
  readonly #failures = new Map<number, Failures>();
  #running = 0;

  /**
   * Makes an attempt. @returns whether `check` accepted it.
   * @throws {HandlerError} 429 `too_many_attempts`, 503 `busy`; both with `retryAfter`.
   */
  async make(name: string, check: () => Promise<boolean>): Promise<boolean> {
    const failures = this.#failuresOf(name);
    if (failures.count >= MOST_FAILED) {
      const retryAfter = Math.max(1, Math.ceil((failures.since + WINDOW_MS - Date.now()) / 1_000));
      throw new HandlerError(429, "too_many_attempts", "Too many failed attempts. Wait a minute.", {
        retryAfter,
      });
    }
    if (this.#running >= MOST_PARALLEL) {
      throw new HandlerError(503, "busy", "Too many attempts at the same time. Repeat the call.", {
        retryAfter: 1,
      });
    }
    // Counted before the result is known, so that parallel attempts count too.
    failures.count++;
    this.#running++;
    try {
      const isAccepted = await check();
      if (isAccepted) failures.count = 0;
      return isAccepted;
    } finally {
      this.#running--;
    }
  }

  #failuresOf(name: string): Failures {
    const slot = createHash("sha256").update(this.#key).update(name).digest().readUInt32BE() % SLOTS;
    const known = this.#failures.get(slot);
    if (known !== undefined && Date.now() < known.since + WINDOW_MS) return known;
    const begun = { since: Date.now(), count: 0 };
    this.#failures.set(slot, begun);
    return begun;
  }
}
