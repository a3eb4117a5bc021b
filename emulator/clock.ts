import { TimerQueue } from "./timer-queue.ts";

/** Whether time passes by itself (`real`) or only when it is moved (`manual`). */
export type ClockMode = "real" | "manual";

/** The position of a clock, to continue from. */
export interface ClockPosition {
  readonly mode: ClockMode;
  /** `manual`: milliseconds since the epoch. `real`: milliseconds ahead of the machine's time. */
  readonly base: number;
}

/** Cancels a scheduled task; does nothing once it has run. */
export type Cancel = () => void;

/** The longest wait of Node's timers; a later task takes several. */
const longestWaitMs = 2 ** 31 - 1;

/**
 * The one clock of the emulator. Conversation timers, the WhatsApp window, delivery receipts, token expiry and
 * webhook timeouts all read it and are scheduled on it, so that moving it moves everything.
 *
 * In both modes a task that is due now runs right after the code that scheduled it; a later one runs when its time comes,
 * by itself or through {@link Clock.advance}.
 */
export class Clock {
  readonly #queue = new TimerQueue();
  #mode: ClockMode;
  /** `manual`: the time itself. `real`: how far the clock has been moved ahead of the machine's. */
  #base: number;
  #moved: () => void = () => {};
  #wakeUp: { readonly at: number; readonly cancel: Cancel } | undefined;

  /** `startTime`: milliseconds since the epoch, the machine's time unless given. */
  constructor(mode: ClockMode, startTime?: number) {
    this.#mode = mode;
    const start = startTime ?? Date.now();
    this.#base = mode === "manual" ? start : start - Date.now();
  }

  /** A clock that continues from a position. */
  static resume({ mode, base }: ClockPosition): Clock {
    return new Clock(mode, mode === "manual" ? base : Date.now() + base);
  }

  /** Calls `moved` whenever the clock is moved or its mode is set. There is one callback. */
  watch(moved: () => void): void {
    this.#moved = moved;
  }

  position(): ClockPosition {
    return { mode: this.#mode, base: this.#base };
  }

  get mode(): ClockMode {
    return this.#mode;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#mode === "manual" ? this.#base : Date.now() + this.#base;
  }

  /** Milliseconds of real time on a scale of its own, to measure durations. */
  elapsed(): number {
    return performance.now();
  }

  /** Runs `task` when the clock reaches `at` (milliseconds since the epoch). */
  schedule(at: number, task: () => void): Cancel {
    const cancel = this.#queue.add(at, task);
    this.#arm();
    return cancel;
  }

  /**
   * Runs `task` after `ms` of the clock's time, or of real time, whichever passes first: a real server may not
   * respond, and nothing may wait for it forever while the clock is stopped.
   */
  deadline(ms: number, task: () => void): Cancel {
    const cancelTimer = this.schedule(this.now() + ms, task);
    if (this.#mode === "real") return cancelTimer;
    const cancelReal = wait(ms, () => {
      cancelTimer();
      task();
    });
    return () => {
      cancelTimer();
      cancelReal();
    };
  }

  /** Changes the mode; the time stays the same. */
  setMode(mode: ClockMode): void {
    const now = this.now();
    this.#mode = mode;
    this.#base = mode === "manual" ? now : now - Date.now();
    this.#rearm();
    this.#moved();
  }

  /** Whether a task is due. */
  hasDue(): boolean {
    const at = this.#queue.nextAt();
    return at !== undefined && at <= this.now();
  }

  /** Runs every task that is due, also those that these schedule for now. */
  runDue(): void {
    for (let task = this.#queue.takeDue(this.now()); task !== undefined; ) {
      task();
      task = this.#queue.takeDue(this.now());
    }
    this.#arm();
  }

  /**
   * Moves time forward by `ms`. Timers run at their own time, in order, and after each one `settle` is awaited, so that
   * its effects precede the next timer.
   */
  async advance(ms: number, settle: () => Promise<void>): Promise<void> {
    const target = this.now() + ms;
    for (let at = this.#queue.nextAt(); at !== undefined && at <= target; at = this.#queue.nextAt()) {
      this.#moveTo(at);
      this.#queue.takeDue(this.now())?.();
      await settle();
    }
    this.#moveTo(target);
    this.#rearm();
  }

  /** Removes every scheduled task. */
  clear(): void {
    this.#queue.clear();
    this.#rearm();
  }

  #moveTo(at: number): void {
    if (at > this.now()) this.#base += at - this.now();
    this.#moved();
  }

  /** Schedules the real timers again after time was moved. */
  #rearm(): void {
    this.#wakeUp?.cancel();
    this.#wakeUp = undefined;
    this.#arm();
  }

  #arm(): void {
    const at = this.#queue.nextAt();
    const due = at !== undefined && at <= this.now();
    if (at === undefined || (this.#mode === "manual" && !due)) return;
    if (this.#wakeUp !== undefined && this.#wakeUp.at <= at) return;
    this.#wakeUp?.cancel();
    const cancel = due ? soon(() => this.#wake()) : wait(at - this.now(), () => this.#wake());
    this.#wakeUp = { at, cancel };
  }

  #wake(): void {
    this.#wakeUp = undefined;
    this.runDue();
  }
}

function soon(task: () => void): Cancel {
  const handle = setImmediate(task);
  return () => clearImmediate(handle);
}

/** Waits in real time without keeping the process alive. */
function wait(ms: number, task: () => void): Cancel {
  const handle = setTimeout(task, Math.min(Math.max(ms, 0), longestWaitMs)).unref();
  return () => clearTimeout(handle);
}
