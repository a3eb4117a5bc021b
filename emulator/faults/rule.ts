import type { StreamPosition } from "../ids.ts";

/**
 * Where a fault is injected: a request to the REST API, a webhook on its way to its target, a message on its way to a
 * phone, or of Twilio's SDK a connection that it opens, what it asks over it, and what it is told.
 */
export type Place = Rule["on"];

/** Whether what was asked for is done: `before`: it is not; `after`: it is, and only the answer is touched. */
export type When = "before" | "after";

/** What a fault does to a request. `status`, `code` and `message` are those of Twilio's error body. */
export type RequestEffect =
  | {
      readonly name: "fail";
      readonly when: When;
      readonly status: number;
      readonly code: number;
      readonly message: string;
      /** Seconds, for the header `Retry-After`. */
      readonly retryAfter: number | undefined;
    }
  /** The connection is cut. */
  | { readonly name: "drop"; readonly when: When }
  /** It is answered later, in milliseconds. */
  | { readonly name: "delay"; readonly when: When; readonly ms: number }
  /** It is never answered. */
  | { readonly name: "hang"; readonly when: When };

/** What a fault does to a webhook. All but `fail` and `drop` are for those that come after an action. */
export type WebhookEffect =
  /** Something on the way answers for the target. */
  | { readonly name: "fail"; readonly when: When; readonly status: number }
  /** Twilio sees a broken connection. */
  | { readonly name: "drop"; readonly when: When }
  | { readonly name: "duplicate"; readonly atOnce: boolean }
  | { readonly name: "delay"; readonly ms: number }
  /** `behind` later ones of the same conversation go to the same target first. */
  | { readonly name: "reorder"; readonly behind: number }
  /** It waits until the rule is removed. */
  | { readonly name: "hold" };

/** What a fault does to a message to a phone. */
export type DeliveryEffect =
  /** The receipt says so, with the error code, and the phone shows nothing. */
  | { readonly name: "fail"; readonly status: "failed" | "undelivered"; readonly code: number }
  /** It is lost on the way: the receipt stays at `sent`. */
  | { readonly name: "drop" }
  | { readonly name: "delay"; readonly ms: number };

/** What a fault does to a connection that an SDK opens. */
export type ConnectionEffect =
  /** It is refused with an HTTP status. */
  { readonly name: "refuse"; readonly status: number } | { readonly name: "delay"; readonly ms: number };

/** What a fault does to a packet for an SDK. */
export type FrameEffect =
  /** It is lost: the SDK hears of it when it connects again. */
  | { readonly name: "drop" }
  | { readonly name: "delay"; readonly ms: number }
  /** The connection breaks instead. */
  | { readonly name: "cut" };

/** A rule for one place, with one of some effects. */
export interface RuleOf<On, Effect> {
  readonly id: string;
  readonly on: On;
  /** What it strikes: patterns by the name of what is compared. All must hold. */
  readonly match: ReadonlyMap<string, string>;
  /** Patterns by the names of parameters. All must hold. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly effect: Effect;
  /** How many of those that match it lets pass first. */
  readonly skip: number;
  /** How often it strikes at most. */
  readonly times: number | undefined;
  /** How likely it strikes, from 0 to 1. */
  readonly probability: number;
  matched: number;
  struck: number;
  /** Where its stream of random numbers is. */
  stream: StreamPosition;
}

/** A fault as data: when it strikes, and what it does then. */
export type Rule =
  | RuleOf<"request", RequestEffect>
  | RuleOf<"webhook", WebhookEffect>
  | RuleOf<"delivery", DeliveryEffect>
  | RuleOf<"sdkRequest", RequestEffect>
  | RuleOf<"connection", ConnectionEffect>
  | RuleOf<"frame", FrameEffect>;

/** A rule as the control API shows it: as it was given, with what was left out, and how often it matched and struck. */
export function describeRule(rule: Rule): Readonly<Record<string, unknown>> {
  const { id, on, match, parameters, skip, times, probability, matched, struck } = rule;
  const { name: effect, ...options } = rule.effect;
  const conditions = Object.fromEntries(match);
  const shown =
    parameters.size === 0 ? conditions : { ...conditions, parameters: Object.fromEntries(parameters) };
  return {
    id,
    on,
    match: shown,
    effect,
    ...describeOptions(options),
    skip,
    times,
    probability,
    matched,
    struck,
  };
}

function describeOptions(options: object): object {
  if (!("ms" in options)) return options;
  const { ms, ...others } = options;
  return { ...others, duration: `PT${Number(ms) / 1000}S` };
}
