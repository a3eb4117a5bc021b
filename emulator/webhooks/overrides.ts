import { remember } from "../remember.ts";
import type { Target } from "./targets.ts";

/** A failure, under the code of Twilio's debugger. */
export interface DeliveryError {
  readonly code: number;
  readonly message: string;
}

/** What a retry policy can name: no connection, no response, a response with such a status. */
export type Failure = "ct" | "rt" | "4xx" | "5xx";

/** The connection overrides of a URL. Times are in milliseconds. */
export interface ConnectionOverrides {
  /** To connect, TLS included; undefined: up to `totalMs`. */
  readonly connectMs: number | undefined;
  /** From the request, or a chunk of the response, to the next chunk; undefined: up to `totalMs`. */
  readonly readMs: number | undefined;
  /** For all attempts together. */
  readonly totalMs: number;
  /** The error when that time is over. */
  readonly totalError: DeliveryError;
  /** How many attempts may follow the first. */
  readonly retries: number;
  /** The failures that are retried. */
  readonly retryOn: ReadonlySet<Failure>;
}

/** Conversations waits this long for a webhook, all attempts together ("Conversations Webhooks"). */
const conversationsMs = 5000;
/** Programmable Messaging waits this long. */
const messagingMs = 15_000;

const ranges = { ct: [100, 10_000], rt: [100, 15_000], tt: [100, 15_000], rc: [0, 5] } as const;
const failures: readonly Failure[] = ["ct", "rt", "4xx", "5xx"];

/**
 * The connection overrides in the fragment of a webhook's URL, such as `#rc=3&rp=5xx,ct&tt=4000` ("Webhook connection
 * overrides"): `ct`, `rt` and `tt` are the timeouts, `rc` is the number of retries (1 by default), `rp` the failures
 * that are retried (`ct` by default). A URL without any of them is called once (assumed: Conversations documents no
 * retries). Times are limited to the timeout of the product. Everything else in the fragment is ignored, also `e` and
 * `sni`: the emulator has no edges.
 *
 * Returns the error of the delivery for an invalid value, 11243 for `rp` as in Twilio's debugger.
 */
export function readOverrides({ url, scope }: Target): ConnectionOverrides | DeliveryError {
  return scope === "number" ? readMessaging(url) : readConversations(url);
}

const readMessaging = remember((url) => read(url, messagingMs));
const readConversations = remember((url) => read(url, conversationsMs));

function read(url: string, longestMs: number): ConnectionOverrides | DeliveryError {
  const given = new URLSearchParams(url.split("#", 2)[1] ?? "");
  const problem = problemOf(given);
  if (problem !== undefined) return problem;
  const number = (name: keyof typeof ranges) => (given.has(name) ? Number(given.get(name)) : undefined);
  const total = number("tt");
  const totalMs = Math.min(total ?? longestMs, longestMs);
  const isOverridden = given.has("rp") || Object.keys(ranges).some((name) => given.has(name));
  return {
    connectMs: number("ct"),
    readMs: number("rt"),
    totalMs,
    totalError: total === undefined ? noAnswer(totalMs) : noAnswerInTotal(totalMs),
    retries: number("rc") ?? (isOverridden ? 1 : 0),
    retryOn: readPolicy(given.get("rp") ?? "ct"),
  };
}

/** The error of a target that does not answer in time. */
export function noAnswer(ms: number): DeliveryError {
  return { code: 11200, message: `HTTP retrieval failure: no answer within ${ms / 1000} s` };
}

function noAnswerInTotal(ms: number): DeliveryError {
  return { code: 11203, message: `HTTP communication total time out triggered: ${ms / 1000} s` };
}

function problemOf(given: URLSearchParams): DeliveryError | undefined {
  for (const [name, [least, most]] of Object.entries(ranges)) {
    const text = given.get(name);
    if (text === null || (/^\d{1,5}$/.test(text) && Number(text) >= least && Number(text) <= most)) continue;
    const message = `HTTP retrieval failure: ${name}=${text} in the URL is not a number from ${least} to ${most}`;
    return { code: 11200, message };
  }
  const policy = given.get("rp") ?? "all";
  const known: readonly string[] = [...failures, "all"];
  if (policy.split(",").every((name) => known.includes(name))) return undefined;
  return {
    code: 11243,
    message: `HTTP retry policy is invalid: rp=${policy}; known are ${known.join(", ")}`,
  };
}

function readPolicy(policy: string): ReadonlySet<Failure> {
  const names = policy.split(",");
  return new Set(failures.filter((failure) => names.includes("all") || names.includes(failure)));
}
