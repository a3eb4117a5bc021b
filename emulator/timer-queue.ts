/** A scheduled task. `order` keeps tasks of the same time in the order they were scheduled. */
interface Timer {
  readonly at: number;
  readonly order: number;
  task: (() => void) | undefined;
}

/**
 * Timers in time order: a binary heap, for a hundred thousand conversation timers. A cancelled timer stays in the heap,
 * empty, until its time.
 */
export class TimerQueue {
  readonly #heap: Timer[] = [];
  #scheduled = 0;

  /** Adds `task` at `at` (milliseconds since the epoch). Returns a function that cancels it. */
  add(at: number, task: () => void): () => void {
    const timer: Timer = { at, order: this.#scheduled, task };
    this.#scheduled += 1;
    this.#heap.push(timer);
    this.#rise(this.#heap.length - 1);
    return () => {
      timer.task = undefined;
    };
  }

  /** The time of the earliest timer; undefined when there is none. */
  nextAt(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.at;
  }

  /** Removes and returns the earliest timer's task when it is due at `now`. */
  takeDue(now: number): (() => void) | undefined {
    this.#dropCancelled();
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.#removeFirst();
    return first.task;
  }

  clear(): void {
    this.#heap.length = 0;
  }

  #dropCancelled(): void {
    while (this.#heap[0] !== undefined && this.#heap[0].task === undefined) this.#removeFirst();
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink();
  }

  #rise(from: number): void {
    let child = from;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfLater(parent, child)) return;
      child = parent;
    }
  }

  #sink(): void {
    let parent = 0;
    for (;;) {
      const left = parent * 2 + 1;
      const right = left + 1;
      const earliest = right < this.#heap.length && this.#isBefore(right, left) ? right : left;
      if (earliest >= this.#heap.length || !this.#swapIfLater(parent, earliest)) return;
      parent = earliest;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first === undefined || second === undefined) return false;
    return first.at < second.at || (first.at === second.at && first.order < second.order);
  }

  #swapIfLater(parent: number, child: number): boolean {
    const [upper, lower] = [this.#heap[parent], this.#heap[child]];
    if (upper === undefined || lower === undefined || !this.#isBefore(child, parent)) return false;
    this.#heap[parent] = lower;
    this.#heap[child] = upper;
    return true;
  }
}
