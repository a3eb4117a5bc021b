import type { Cancel, Clock } from "../clock.ts";
import type { InFlight } from "../in-flight.ts";
import type { Conversation } from "./model.ts";

/** The observed time until all participants have joined, in milliseconds. */
export const usualJoiningMs = 700;

/** The longest time that can be set: an hour. */
export const longestJoiningMs = 60 * 60 * 1000;

interface Joining {
  cancel: Cancel;
  /** Called when the participants have joined. */
  readonly waiting: (() => void)[];
}

/** The scheduled joining of the participants of `initializing` conversations, and the requests that wait for it. */
export class Joinings {
  readonly #running = new Map<Conversation, Joining>();
  readonly #clock: Clock;
  readonly #inFlight: InFlight;
  readonly #duration: () => number;

  /** @param duration how long it takes, in milliseconds; with 0 they join when the clock next runs its tasks. */
  constructor(clock: Clock, inFlight: InFlight, duration: () => number) {
    this.#clock = clock;
    this.#inFlight = inFlight;
    this.#duration = duration;
  }

  /** How many conversations are initializing. */
  get count(): number {
    return this.#running.size;
  }

  /** Runs `join` after the duration, by the clock or in real time, whichever passes first. */
  begin(conversation: Conversation, join: () => void): void {
    const joining: Joining = { cancel: () => {}, waiting: [] };
    this.#running.set(conversation, joining);
    const end = () => {
      this.#running.delete(conversation);
      try {
        join();
      } finally {
        for (const resume of joining.waiting) resume();
      }
    };
    const duration = this.#duration();
    joining.cancel =
      duration === 0 ? this.#clock.schedule(this.#clock.now(), end) : this.#clock.deadline(duration, end);
  }

  /** Resolves when the participants of a conversation have joined. A request that waits here is not in flight. */
  async ended(conversation: Conversation): Promise<void> {
    const waiting = this.#running.get(conversation)?.waiting;
    if (waiting !== undefined) await this.#inFlight.suspend((resume) => waiting.push(resume));
  }

  /** Resolves when the participants of all present conversations have joined. */
  async allEnded(): Promise<void> {
    const endings = [...this.#running.values()].map(
      ({ waiting }) => new Promise<void>((resolve) => waiting.push(resolve)),
    );
    await Promise.all(endings);
  }

  /** Cancels every joining and ends every wait. */
  close(): void {
    for (const { cancel, waiting } of this.#running.values()) {
      cancel();
      for (const resume of waiting) resume();
    }
    this.#running.clear();
  }
}
