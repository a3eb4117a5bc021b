/** "Conversations Limits", operational limits. */
const actionsPerSecond = 30;

/** Counts the actions on each service or conversation in the present second of the clock. */
export class ActionLimiter {
  readonly #perSecond: number;
  #second = 0;
  #counts = new Map<string, number>();

  /** @param perSecond actions per second on one service or conversation. */
  constructor(perSecond = actionsPerSecond) {
    this.#perSecond = perSecond;
  }

  /** Counts one action at `now` (milliseconds since the epoch). Returns false when the limit is reached. */
  take(key: string, now: number): boolean {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts = new Map();
    }
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#perSecond) return false;
    this.#counts.set(key, count + 1);
    return true;
  }
}
