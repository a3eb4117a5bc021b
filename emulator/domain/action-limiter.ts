/** "Conversations Limits", operational limits. */
const actionsPerSecond = 30;

/** Counts what is done at each place, a service or a conversation, in the present second of the clock. */
export class ActionLimiter {
  readonly #perSecond: number;
  #second = 0;
  #counts = new Map<string, number>();

  /** @param perSecond how much may be done at a place in a second. */
  constructor(perSecond = actionsPerSecond) {
    this.#perSecond = perSecond;
  }

  /** Takes one action on a place at `now` (milliseconds since the epoch), or says that there were enough. */
  take(place: string, now: number): boolean {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts = new Map();
    }
    const count = this.#counts.get(place) ?? 0;
    if (count >= this.#perSecond) return false;
    this.#counts.set(place, count + 1);
    return true;
  }
}
