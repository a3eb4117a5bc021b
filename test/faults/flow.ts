import type { Lane } from "./lane.ts";

/** What somebody who called, or who looks at the log, has learned. */
export interface Outcome {
  /**
   * `done`: so it was said. `pending`: another call is at it, or was cut off; the same call says more later. `failed`: so it
   * was said.
   */
  readonly is: "done" | "pending" | "failed";
  /** Status and code, or what the log says. */
  readonly said: string;
}

/** How things stand at Twilio. All three are empty when the flow is done once. */
export interface Findings {
  /** What there is too much of, or what must never be. */
  readonly wrong: readonly string[];
  /** What is not there yet. */
  readonly missing: readonly string[];
  /** What is there and is of no use without what is missing. */
  readonly half: readonly string[];
}

/** A flow that is ready to begin. */
export interface Prepared {
  /** Does it. Called again, it is the same call with the same key. */
  act(): Promise<Outcome>;
  /** Looks at Twilio. */
  look(): Promise<Findings>;
  /**
   * Does what is documented for a flow that failed; `act` unless given. Not there for what cannot be repeated: a call
   * without a key, an event.
   */
  readonly repair?: (() => Promise<Outcome>) | undefined;
}

/** A job of an endpoint, with everything that follows from it. */
export interface Flow {
  readonly name: string;
  /** The endpoints that take part, such as `conversations/send`. */
  readonly endpoints: readonly string[];
  /** Whether it sends messages or makes webhooks, which Twilio would make twice: it is tried with pairs of faults, too. */
  readonly sends: boolean;
  /** Whether it begins with a call, and not with an event, of which somebody else decides when it is repeated. */
  readonly isCall: boolean;
  /** Makes what it needs at Twilio. */
  prepare(lane: Lane): Promise<Prepared>;
}

/** What a list shows of something that must be there once. */
export function once(what: string, count: number): Findings {
  return {
    wrong: count > 1 ? [`${count} times: ${what}`] : [],
    missing: count < 1 ? [what] : [],
    half: [],
  };
}

/** Something that must be so in the end. */
export const must = (what: string, isSo: boolean): Findings => ({
  wrong: [],
  missing: isSo ? [] : [what],
  half: [],
});

/** Something that must never be so. */
export const never = (what: string, isSo: boolean): Findings => ({
  wrong: isSo ? [what] : [],
  missing: [],
  half: [],
});

/** All findings together. */
export const together = (...all: readonly Findings[]): Findings => ({
  wrong: all.flatMap(({ wrong }) => wrong),
  missing: all.flatMap(({ missing }) => missing),
  half: all.flatMap(({ half }) => half),
});

/** The same, where something is made that is of no use while anything is missing. */
export function whole(what: string, isThere: boolean, ...all: readonly Findings[]): Findings {
  const findings = together(...all);
  const isHalf = isThere && findings.missing.length > 0;
  return { ...findings, half: isHalf ? [`${what} without ${findings.missing.join(", ")}`] : [] };
}

/** What an answer says that is not yet final. */
const PENDING = ["connecting", "inviting", "initializing", "busy", "joining_failed", "unfinished"];

/** Calls an endpoint and tells what its answer says. */
export async function callOutcome(lane: Lane, path: string, fields: object): Promise<Outcome> {
  const { status, body } = await lane.call(path, fields);
  await lane.settle();
  const said = [status, body.code ?? body.status, body.followUp ?? ""].join(" ").trim();
  const isPending = PENDING.includes(String(body.code ?? body.status)) || body.firstMessage === "waiting";
  if (isPending) return { is: "pending", said };
  return { is: status < 300 ? "done" : "failed", said };
}

/** A flow that is one call of an endpoint. */
export function callFlow(definition: {
  readonly name: string;
  readonly endpoint: string;
  readonly sends?: boolean;
  /** Whether the same call may be made again. */
  readonly isRepeatable?: boolean;
  prepare(lane: Lane): Promise<{ readonly fields: object; look(): Promise<Findings> }>;
}): Flow {
  const { name, endpoint, sends = false, isRepeatable = true } = definition;
  return {
    name,
    endpoints: [endpoint],
    sends,
    isCall: true,
    async prepare(lane) {
      const { fields, look } = await definition.prepare(lane);
      const act = () => callOutcome(lane, endpoint, fields);
      return { act, look, repair: isRepeatable ? act : undefined };
    },
  };
}

/** A flow that begins with an event. What the handlers have logged as errors is all that is said of it. */
export async function eventOutcome(lane: Lane, happen: () => Promise<unknown>): Promise<Outcome> {
  lane.beginReports();
  await happen();
  await lane.settle();
  const reports = lane.reports();
  return reports.length === 0 ? { is: "done", said: "nothing" } : { is: "failed", said: reports.join(" ") };
}
