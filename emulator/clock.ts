import { TimerQueue } from "./timer-queue.ts";

/** Whether time passes by itself (`real`) or stands still until it is moved (`manual`). */
export type ClockMode = "real" | "manual";

/** Where a clock stands: what begins another one that goes on from there. */
export interface ClockPosition {
  readonly mode: ClockMode;
  /** `manual`: milliseconds since the epoch. `real`: milliseconds ahead of the machine's time. */
  readonly base: number;
}

/** Takes back what was scheduled; harmless once it has run. */
export type Cancel = () => void;

/** Node's timers cannot wait longer than this; a later task is reached in several waits. */
const longestWaitMs = 2 ** 31 - 1;

/**
 * The one clock of the emulator. Conversation timers, the WhatsApp window, delivery receipts, token expiry and
 * webhook timeouts all read it and are scheduled on it, so that moving it moves everything.
 *
 * What is due now runs by itself in both modes, right after the code that scheduled it; what is due later runs
 * when time gets there, by itself or through {@link Clock.advance}.
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

  /** A clock that goes on from the position of another one. */
  static resume({ mode, base }: ClockPosition): Clock {
    return new Clock(mode, mode === "manual" ? base : Date.now() + base);
  }

  /** Calls `moved` whenever the clock is moved or its mode is set; there is one who watches. */
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

  /** Milliseconds on a scale of its own that no one can move: how long things really took. */
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
   * Runs `task` after `ms` of the clock's time, or of real time, whichever passes first: a server that does not
   * answer lives in real time, and nothing may wait for it for ever while the clock stands still.
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

  /** Starts to pass by itself, or stops, at the present moment. */
  setMode(mode: ClockMode): void {
    const now = this.now();
    this.#mode = mode;
    this.#base = mode === "manual" ? now : now - Date.now();
    this.#rearm();
    this.#moved();
  }

  /** Whether a task waits whose moment has come. */
  hasDue(): boolean {
    const at = this.#queue.nextAt();
    return at !== undefined && at <= this.now();
  }

  /** Runs every task whose moment has come, also those that these schedule for now. */
  runDue(): void {
    for (let task = this.#queue.takeDue(this.now()); task !== undefined; ) {
      task();
      task = this.#queue.takeDue(this.now());
    }
    this.#arm();
  }

  /**
   * Moves time forward by `ms`. Timers on the way run at their own moment, in time order, and after each one
   * `settle` is awaited, so that what a timer causes happens before the next timer does.
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

  /** Forgets every scheduled task. */
  clear(): void {
    this.#queue.clear();
    this.#rearm();
  }

  #moveTo(at: number): void {
    if (at > this.now()) this.#base += at - this.now();
    this.#moved();
  }

  /** After time was moved: what waits in real time was measured against another time. */
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
