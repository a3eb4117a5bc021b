import type { Clock } from "../clock.ts";
import { isoMillis } from "../dates.ts";
import { createIds } from "../ids.ts";
import { InputError } from "../input.ts";
import type { Timeline } from "../timeline.ts";
import type { Fault, InjectionPoint } from "./fault.ts";
import { readFault } from "./read.ts";
import { meets, type Subject } from "./subject.ts";

/** The faults in the order in which they were added, and how many have been added. */
export interface FaultState {
  readonly faults: Map<string, Fault>;
  added: number;
}

/** No faults. */
export function noFaults(): FaultState {
  return { faults: new Map(), added: 0 };
}

/** Options of {@link Faults}. */
export interface FaultsOptions {
  /** The state, which is mutated. */
  readonly state: FaultState;
  /** The seed of the random numbers, of which each fault has its own stream. */
  readonly seed: string;
  readonly clock: Clock;
  readonly timeline: Timeline;
  /** The operations that a fault may name. */
  readonly operations: ReadonlySet<string>;
}

/** Work that a fault holds: `go` continues it; `over` is called instead if the run ends before. */
interface Held {
  readonly go: () => void;
  readonly over: () => void;
}

/** The faults of one run, and the work that they hold. */
export class Faults {
  readonly #options: FaultsOptions;
  readonly #held = new Map<string, Set<Held>>();

  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  /** Adds a fault after the others. Throws an {@link InputError}. */
  add(value: unknown): Fault {
    const { state, seed, operations } = this.#options;
    const { id = `fault-${state.added + 1}`, ...input } = readFault(value, operations);
    if (state.faults.has(id)) throw new InputError("id", `there is a fault "${id}" already`);
    state.added += 1;
    const stream = createIds(`${seed}:faults:${id}`).position();
    const fault = { id, ...input, matched: 0, injected: 0, stream };
    state.faults.set(id, fault);
    return fault;
  }

  all(): readonly Fault[] {
    return [...this.#options.state.faults.values()];
  }

  /** Whether there is any fault for an injection point. */
  has(on: InjectionPoint): boolean {
    return this.all().some((fault) => fault.on === on);
  }

  /** Removes a fault and continues the work that it holds. Returns false if the id is unknown. */
  remove(id: string): boolean {
    if (!this.#options.state.faults.delete(id)) return false;
    for (const { go } of this.#take(id)) go();
    return true;
  }

  /** Ends all work that is held. */
  close(): void {
    const held = [...this.#held.keys()].flatMap((id) => this.#take(id));
    for (const { over } of held) over();
  }

  /**
   * Returns the fault to inject: the first that matches and whose `skip`, `times` and `probability` allow it. Those after
   * it do not count a match.
   *
   * @param mayInject which faults are possible here; the others do not match
   * @param about the fields of the timeline's entry
   */
  inject<R extends Fault>(
    mayInject: (fault: Fault) => fault is R,
    subject: Subject,
    about: Readonly<Record<string, unknown>>,
  ): R | undefined {
    const { clock, timeline } = this.#options;
    for (const fault of this.all()) {
      if (!mayInject(fault) || !meets(subject, fault.match, fault.parameters) || !takes(fault)) continue;
      const { id: faultId, on, effect } = fault;
      timeline.add({ at: isoMillis(clock.now()), kind: "fault", faultId, on, effect: effect.name, ...about });
      return fault;
    }
    return undefined;
  }

  /** Calls `go` when a fault is removed, or when the returned function is called, whichever is first. */
  hold(id: string, go: () => void, over: () => void = () => {}): () => void {
    const held = { go, over };
    const ofFault = this.#held.get(id) ?? new Set();
    this.#held.set(id, ofFault.add(held));
    return () => {
      if (ofFault.delete(held)) go();
    };
  }

  /** Returns the work that a fault holds, and clears it. */
  #take(id: string): readonly Held[] {
    const ofFault = this.#held.get(id) ?? new Set();
    const held = [...ofFault];
    ofFault.clear();
    this.#held.delete(id);
    return held;
  }
}

/** Counts a match, and decides whether the fault is injected. */
function takes(fault: Fault): boolean {
  fault.matched += 1;
  if (fault.matched <= fault.skip || fault.injected === fault.times) return false;
  if (fault.probability < 1 && draw(fault) >= fault.probability) return false;
  fault.injected += 1;
  return true;
}

/** Draws the next number of the fault's stream, from 0 to 1. */
function draw(fault: Fault): number {
  const ids = createIds(fault.stream);
  const number = Number.parseInt(ids.hex().slice(0, 8), 16) / 2 ** 32;
  fault.stream = ids.position();
  return number;
}
