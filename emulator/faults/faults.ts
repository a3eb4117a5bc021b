import type { Clock } from "../clock.ts";
import { isoMillis } from "../dates.ts";
import { createIds } from "../ids.ts";
import { InputError } from "../input.ts";
import type { Timeline } from "../timeline.ts";
import { readRule } from "./read.ts";
import type { InjectionPoint, Rule } from "./rule.ts";
import { meets, type Subject } from "./subject.ts";

/** The rules in the order in which they were added, and how many have been added. */
export interface FaultState {
  readonly rules: Map<string, Rule>;
  added: number;
}

/** No rules. */
export function noFaults(): FaultState {
  return { rules: new Map(), added: 0 };
}

/** Options of {@link Faults}. */
export interface FaultsOptions {
  /** The state, which is mutated. */
  readonly state: FaultState;
  /** The seed of the random numbers, of which each rule has its own stream. */
  readonly seed: string;
  readonly clock: Clock;
  readonly timeline: Timeline;
  /** The operations that a rule may name. */
  readonly operations: ReadonlySet<string>;
}

/** Work that a rule holds: `go` continues it; `over` is called instead if the run ends before. */
interface Held {
  readonly go: () => void;
  readonly over: () => void;
}

/** The fault rules of one run, and the work that they hold. */
export class Faults {
  readonly #options: FaultsOptions;
  readonly #held = new Map<string, Set<Held>>();

  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  /** Adds a rule after the others. Throws an {@link InputError}. */
  add(value: unknown): Rule {
    const { state, seed, operations } = this.#options;
    const { id = `fault-${state.added + 1}`, ...input } = readRule(value, operations);
    if (state.rules.has(id)) throw new InputError("id", `there is a rule "${id}" already`);
    state.added += 1;
    const stream = createIds(`${seed}:faults:${id}`).position();
    const rule = { id, ...input, matched: 0, struck: 0, stream };
    state.rules.set(id, rule);
    return rule;
  }

  rules(): readonly Rule[] {
    return [...this.#options.state.rules.values()];
  }

  /** Whether there is any rule for an injection point. */
  has(on: InjectionPoint): boolean {
    return this.rules().some((rule) => rule.on === on);
  }

  /** Removes a rule and continues the work that it holds. Returns false if the id is unknown. */
  remove(id: string): boolean {
    if (!this.#options.state.rules.delete(id)) return false;
    for (const { go } of this.#take(id)) go();
    return true;
  }

  /** Ends all work that is held. */
  close(): void {
    const held = [...this.#held.keys()].flatMap((id) => this.#take(id));
    for (const { over } of held) over();
  }

  /**
   * Returns the rule to inject: the first that matches and whose `skip`, `times` and `probability` allow it. Those after
   * it do not count a match.
   *
   * @param mayInject which rules are possible here; the others do not match
   * @param about the fields of the timeline's entry
   */
  inject<R extends Rule>(
    mayInject: (rule: Rule) => rule is R,
    subject: Subject,
    about: Readonly<Record<string, unknown>>,
  ): R | undefined {
    const { clock, timeline } = this.#options;
    for (const rule of this.rules()) {
      if (!mayInject(rule) || !meets(subject, rule.match, rule.parameters) || !takes(rule)) continue;
      const { id: faultId, on, effect } = rule;
      timeline.add({ at: isoMillis(clock.now()), kind: "fault", faultId, on, effect: effect.name, ...about });
      return rule;
    }
    return undefined;
  }

  /** Calls `go` when a rule is removed, or when the returned function is called, whichever is first. */
  hold(id: string, go: () => void, over: () => void = () => {}): () => void {
    const held = { go, over };
    const ofRule = this.#held.get(id) ?? new Set();
    this.#held.set(id, ofRule.add(held));
    return () => {
      if (ofRule.delete(held)) go();
    };
  }

  /** Returns the work that a rule holds, and clears it. */
  #take(id: string): readonly Held[] {
    const ofRule = this.#held.get(id) ?? new Set();
    const held = [...ofRule];
    ofRule.clear();
    this.#held.delete(id);
    return held;
  }
}

/** Counts a match, and decides whether the fault is injected. */
function takes(rule: Rule): boolean {
  rule.matched += 1;
  if (rule.matched <= rule.skip || rule.struck === rule.times) return false;
  if (rule.probability < 1 && draw(rule) >= rule.probability) return false;
  rule.struck += 1;
  return true;
}

/** Draws the next number of the rule's stream, from 0 to 1. */
function draw(rule: Rule): number {
  const ids = createIds(rule.stream);
  const number = Number.parseInt(ids.hex().slice(0, 8), 16) / 2 ** 32;
  rule.stream = ids.position();
  return number;
}
