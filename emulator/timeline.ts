/** One thing that happened: `at` by the emulator's clock (ISO 8601, ms), `durationMs` in real time. */
export interface TimelineEntry {
  readonly at: string;
  readonly kind: "request" | "event" | "webhook" | "delivery" | "inbound";
  readonly durationMs?: number;
  readonly [detail: string]: unknown;
}

/** How many entries are kept; the oldest make room. */
const capacity = 10_000;

/** What happened lately, in order. Memory does not grow with the life of the process. */
export class Timeline {
  #entries: TimelineEntry[] = [];

  add(entry: TimelineEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length >= 2 * capacity) this.#entries = this.#entries.slice(-capacity);
  }

  entries(): readonly TimelineEntry[] {
    return this.#entries.slice(-capacity);
  }
}
