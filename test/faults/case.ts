import { setTimeout as pause } from "node:timers/promises";
import type { Findings, Flow, Outcome, Prepared } from "./flow.ts";
import type { Injected, Injection, Lane } from "./lane.ts";
import { scaledMs } from "./scale.ts";

/**
 * `complete`: done, as the answer says. `repaired`: it failed, said so, and the same call or the documented repair completed
 * it. `reported`: it failed, said so, and there is no repair but a person's. `bad`: a duplicate, a loss or a half-done state
 * of which nobody is told. `missed`: the request did not come.
 */
export type Verdict = "complete" | "repaired" | "reported" | "bad" | "missed";

export interface Result {
  readonly verdict: Verdict;
  /** What happened, step by step, where that is of interest. */
  readonly story: string;
  readonly injected: readonly Injected[];
  /** The requests of the flow until it said how it ended, such as `POST Conversations/{sid}/Messages`. */
  readonly requests: readonly string[];
}

const MOST_REPAIRS = 4;
/** Twilio tells when something was made in whole seconds. */
const ABANDONED_AFTER_MS = scaledMs(60_000) + 1_500;

/** Runs a flow once, with faults. */
export async function runCase(lane: Lane, flow: Flow, injections: readonly Injection[]): Promise<Result> {
  return tryCase(lane, flow, injections).catch((error: unknown) => ({
    verdict: "bad",
    story: String(error),
    injected: [],
    requests: [],
  }));
}

async function tryCase(lane: Lane, flow: Flow, injections: readonly Injection[]): Promise<Result> {
  await lane.reset();
  const prepared = await flow.prepare(lane).catch((error: unknown) => String(error));
  // The machine was too slow for the shortened limits.
  if (typeof prepared === "string") return { verdict: "missed", story: prepared, injected: [], requests: [] };
  const ids = [];
  for (const injection of injections) ids.push(await lane.inject(injection));
  await lane.beginRequests();
  const outcome = await prepared.act();
  const { requests, injected } = await lane.lift(ids);
  if (injected.some(({ request }) => request === undefined)) {
    return { verdict: "missed", story: outcome.said, injected, requests };
  }
  return { ...(await judge(prepared, outcome)), injected, requests };
}

async function judge(prepared: Prepared, outcome: Outcome): Promise<Pick<Result, "verdict" | "story">> {
  const findings = await prepared.look();
  const story = describe(outcome, findings);
  const verdict = verdictOn(outcome, findings);
  if (verdict !== undefined) return { verdict, story };
  const { repair } = prepared;
  if (repair !== undefined) return repeat(prepared, repair, story);
  return { verdict: findings.half.length > 0 && !isAdmitted(outcome) ? "bad" : "reported", story };
}

/** The verdict where no repair can change it. */
function verdictOn({ is, said }: Outcome, findings: Findings): Verdict | undefined {
  if (findings.wrong.length > 0) return "bad";
  if (is === "done") return isWhole(findings) ? "complete" : "bad";
  // It names the conversation, which somebody has to close or delete before the call is made again.
  if (said.includes("left_half_made")) return "reported";
  return is === "failed" && isWhole(findings) ? "repaired" : undefined;
}

async function repeat(
  { look }: Prepared,
  repair: () => Promise<Outcome>,
  before: string,
): Promise<Pick<Result, "verdict" | "story">> {
  const story = [before];
  for (let attempt = 1; attempt <= MOST_REPAIRS; attempt++) {
    const outcome = await repair();
    const findings = await look();
    story.push(describe(outcome, findings));
    const verdict = verdictOn(outcome, findings);
    const told = story.join("; then ");
    if (verdict !== undefined) return { verdict: verdict === "bad" ? "bad" : "repaired", story: told };
    // Another call may be at it, for all that anybody knows, until it must be gone.
    if (attempt > 1 || outcome.is === "pending") await pause(ABANDONED_AFTER_MS);
  }
  return { verdict: "bad", story: story.join("; then ") };
}

const isWhole = ({ missing, half }: Findings): boolean => missing.length === 0 && half.length === 0;

/** Whether an answer says that something may have been left behind. */
const isAdmitted = ({ said }: Outcome): boolean =>
  /left_half_made|left_without_identity|outcome_unknown/.test(said);

const describe = ({ is, said }: Outcome, { wrong, missing, half }: Findings): string =>
  [
    `${is} (${said})`,
    ...wrong.map((what) => `WRONG ${what}`),
    ...missing.map((what) => `missing ${what}`),
    ...half.map((what) => `half ${what}`),
  ].join(", ");
