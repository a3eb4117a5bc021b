/** "Conversations Limits", operational limits. */
const actionsPerSecond = 30;

/** Counts the actions on each place, a service or a conversation, in the present second of the clock. */
export class ActionLimiter {
  #second = 0;
  #counts = new Map<string, number>();

  /** Takes one action on a place at `now` (milliseconds since the epoch), or says that there were enough. */
  take(place: string, now: number): boolean {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts = new Map();
    }
    const count = this.#counts.get(place) ?? 0;
    if (count >= actionsPerSecond) return false;
    this.#counts.set(place, count + 1);
    return true;
  }
}
