import type { StreamPosition } from "../ids.ts";

/**
 * What a fault is injected into: a request to the REST API, a webhook, a message to a phone, or, of Twilio's SDK, a
 * connection, a request over it or a packet to it.
 */
export type InjectionPoint = Fault["on"];

/** `before`: the request has no effect; `after`: it has, and only its response is affected. */
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
  /** The connection is closed without a response. */
  | { readonly name: "drop"; readonly when: When }
  /** The response is delayed by `ms`. */
  | { readonly name: "delay"; readonly when: When; readonly ms: number }
  /** There is no response. */
  | { readonly name: "hang"; readonly when: When };

/** What a fault does to a webhook. All but `fail` and `drop` are for post-action webhooks. */
export type WebhookEffect =
  /** A proxy answers for the target. */
  | { readonly name: "fail"; readonly when: When; readonly status: number }
  /** Twilio sees a broken connection. */
  | { readonly name: "drop"; readonly when: When }
  | { readonly name: "duplicate"; readonly atOnce: boolean }
  | { readonly name: "delay"; readonly ms: number }
  /** `behind` later webhooks of the same conversation and target are sent first. */
  | { readonly name: "reorder"; readonly behind: number }
  /** It waits until the fault is removed. */
  | { readonly name: "hold" };

/** What a fault does to a message to a phone. */
export type DeliveryEffect =
  /** The receipt has the status and error code, and the phone shows nothing. */
  | { readonly name: "fail"; readonly status: "failed" | "undelivered"; readonly code: number }
  /** It is lost: the receipt stays at `sent`. */
  | { readonly name: "drop" }
  | { readonly name: "delay"; readonly ms: number };

/** What a fault does to a connection that an SDK opens. */
export type ConnectionEffect =
  /** It is refused with an HTTP status. */
  { readonly name: "refuse"; readonly status: number } | { readonly name: "delay"; readonly ms: number };

/** What a fault does to a packet for an SDK. */
export type FrameEffect =
  /** It is lost: the SDK receives it when it connects again. */
  | { readonly name: "drop" }
  | { readonly name: "delay"; readonly ms: number }
  /** The connection breaks instead. */
  | { readonly name: "cut" };

/** A fault for one injection point, with one of its effects. */
export interface FaultOf<On, Effect> {
  readonly id: string;
  readonly on: On;
  /** Patterns by the name of the condition. All must match. */
  readonly match: ReadonlyMap<string, string>;
  /** Patterns by the names of parameters. All must match. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly effect: Effect;
  /** The number of matches without an injection at first. */
  readonly skip: number;
  /** The maximum number of injections; undefined: no limit. */
  readonly times: number | undefined;
  /** The probability of an injection per match, from 0 to 1. */
  readonly probability: number;
  matched: number;
  injected: number;
  /** The position of its stream of random numbers. */
  stream: StreamPosition;
}

/** A fault: what it matches, and its effect. */
export type Fault =
  | FaultOf<"request", RequestEffect>
  | FaultOf<"webhook", WebhookEffect>
  | FaultOf<"delivery", DeliveryEffect>
  | FaultOf<"sdkRequest", RequestEffect>
  | FaultOf<"connection", ConnectionEffect>
  | FaultOf<"frame", FrameEffect>;

/** A fault in the control API's form, with defaults, and how often it matched and was injected. */
export function describeFault(fault: Fault): Readonly<Record<string, unknown>> {
  const { id, on, match, parameters, skip, times, probability, matched, injected } = fault;
  const { name: effect, ...options } = fault.effect;
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
    struck: injected,
  };
}

function describeOptions(options: object): object {
  if (!("ms" in options)) return options;
  const { ms, ...others } = options;
  return { ...others, duration: `PT${Number(ms) / 1000}S` };
}
