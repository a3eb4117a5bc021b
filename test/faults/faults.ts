import { scaledMs } from "./scale.ts";

/** What happens to one request of the handlers: an effect of the emulator's faults (docs/control-api.md). */
export interface Fault {
  readonly name: string;
  readonly rule: Readonly<Record<string, string | number>>;
  /** Whether it only differs from another fault where the request changes something. */
  readonly isForWrites: boolean;
  /** Whether it needs somebody who decides when the flow is repeated. */
  readonly isForCalls?: boolean;
}

/** The handlers wait four seconds for an answer. */
const AFTER_THE_ATTEMPT_MS = 5_000;

const fault = (name: string, rule: Fault["rule"], isForWrites = false): Fault => ({
  name,
  rule,
  isForWrites,
});

/** Every fault that a request can meet. */
export const faults: readonly Fault[] = [
  fault("500 before", { effect: "fail", status: 500 }),
  fault("500 after commit", { effect: "fail", status: 500, when: "after" }, true),
  fault("503", { effect: "fail", status: 503 }),
  fault("429", { effect: "fail", status: 429, retryAfter: 0 }),
  fault("cut before", { effect: "drop" }),
  fault("cut after commit", { effect: "drop", when: "after" }, true),
  fault("hang", { effect: "hang" }),
  fault("hang after commit", { effect: "hang", when: "after" }, true),
  fault("late commit", { effect: "delay", duration: `PT${scaledMs(AFTER_THE_ATTEMPT_MS) / 1_000}S` }, true),
  // It is let go when the call has been answered, and before it is repeated.
  { ...fault("commit after the answer", { effect: "delay", duration: "PT1H" }, true), isForCalls: true },
];

const named = (...names: readonly string[]) => faults.filter(({ name }) => names.includes(name));

/** Of a pair's first request. A handler treats every 5xx alike. */
export const isFirstOfPair = ({ name }: Fault): boolean => name !== "503";
/** Of a pair's second request, first those that tell whether it changes something. A read is repeated alike after a 5xx and a 429. */
export const secondFaults = named("500 before", "cut before", "hang");
export const secondFaultsOfWrites = [...named("429"), ...faults.filter(({ isForWrites }) => isForWrites)];
/** Whether the emulator lists a request with this fault among those that it has executed. */
export const isListed = ({ name }: Fault): boolean =>
  !["cut before", "hang", "commit after the answer"].includes(name);
/** What follows undisturbed in the end can only be short of time after a fault that has taken it. */
export const takesTime = ({ name }: Fault): boolean => /hang|late commit|after the answer/.test(name);
export const hang = named("hang");
