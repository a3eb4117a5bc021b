import * as fc from "fast-check";
import type { Platform } from "../support/platforms.ts";
import { type Result, runCase } from "./case.ts";
import {
  type Fault,
  hang,
  isFirstOfPair,
  isListed,
  secondFaults,
  secondFaultsOfWrites,
  takesTime,
} from "./faults.ts";
import type { Flow } from "./flow.ts";
import { type Injection, Lane } from "./lane.ts";

/** A flow on a platform with faults in it: none to begin with, then one, then two. */
export interface Case {
  readonly platform: Platform;
  readonly flow: Flow;
  readonly injections: readonly Injection[];
  /** The flow's requests without faults. */
  readonly undisturbed?: readonly string[];
  /** How often it was tried already, since the request did not come. */
  readonly tries?: number;
}

export interface Finished {
  readonly done: Case;
  readonly result: Result;
}

/** Which cases are wanted. */
export interface Selection {
  readonly platforms: readonly Platform[];
  readonly flows: readonly Flow[];
  readonly faults: readonly Fault[];
  /**
   * Which pairs of faults: none, all beside the single faults, nothing else, or of all that are possible a number, drawn by a seed.
   * "All" are those that can differ: see {@link secondsOf}.
   */
  readonly pairs: "none" | "all" | "only" | Sample;
}

/** Pairs that are drawn instead of all cases. */
export interface Sample {
  readonly cases: number;
  readonly seed: number;
}

/** How a run goes. */
export interface Conduct {
  /** Deployments of each platform, side by side. */
  readonly lanes: number;
  /** Hears of every case that has ended, and how many are known to come. */
  report(finished: Finished, waiting: number): void;
  shouldStop(): boolean;
}

/** A request that comes in some runs only, because others overtake it, is waited for so often. */
const MOST_TRIES = 3;

/** Runs every case. What comes next follows from what a case has shown: how many requests there are, and of what kind. */
export async function runMatrix(selection: Selection, conduct: Conduct): Promise<void> {
  await Promise.all(
    selection.platforms.map(async (platform) => {
      const arePairsWanted = selection.pairs === "only" || typeof selection.pairs === "object";
      const flows = selection.flows.filter(({ sends }) => sends || !arePairsWanted);
      const waiting: Case[] = flows.map((flow) => ({ platform, flow, injections: [] }));
      await runOnPlatform(platform, waiting, selection, conduct);
    }),
  );
}

async function runOnPlatform(
  platform: Platform,
  waiting: Case[],
  selection: Selection,
  conduct: Conduct,
): Promise<void> {
  let busy = 0;
  const idle: (() => void)[] = [];
  const wakeAll = () => {
    for (const resolve of idle.splice(0)) resolve();
  };
  /** A case, as soon as there is one; undefined when no more will come. A case that was taken counts as busy at once. */
  const take = async (): Promise<Case | undefined> => {
    while (waiting.length === 0 && busy > 0 && !conduct.shouldStop()) {
      await new Promise<void>((resolve) => idle.push(resolve));
    }
    const next = conduct.shouldStop() ? undefined : waiting.pop();
    if (next !== undefined) busy += 1;
    return next;
  };
  const runOne = async (lane: Lane, next: Case): Promise<void> => {
    const result = await runCase(lane, next.flow, next.injections);
    busy -= 1;
    // Ctrl-C ends the deployments, too.
    if (!conduct.shouldStop()) {
      waiting.push(...followers(next, result, selection));
      conduct.report({ done: next, result }, waiting.length);
    }
    wakeAll();
  };
  const runLane = async () => {
    const lane = await Lane.start(platform);
    try {
      for (let next = await take(); next; next = await take()) await runOne(lane, next);
    } finally {
      await lane.stop();
    }
  };
  await Promise.all(Array.from({ length: conduct.lanes }, runLane));
}

/** What else is to be tried after a case. */
export function followers(done: Case, result: Result, selection: Selection): Case[] {
  const { injections, tries = 0 } = done;
  // Without faults it is complete, unless the machine was too slow for the shortened limits: then it shows too few requests.
  const isToRepeat = injections.length === 0 ? result.verdict !== "complete" : result.verdict === "missed";
  if (isToRepeat) {
    return tries + 1 < MOST_TRIES ? [{ ...done, tries: tries + 1 }] : [];
  }
  const withInjections = (...all: readonly Injection[]): Case => ({ ...done, tries: 0, injections: all });
  const fits = ({ isForCalls = false }: Fault) => done.flow.isCall || !isForCalls;
  const [first, second] = injections;
  if (typeof selection.pairs === "object") {
    if (first !== undefined) return [];
    return drawPairs(result.requests, selection, fits, selection.pairs).map((pair) =>
      withInjections(...pair),
    );
  }
  if (first === undefined) {
    const isWanted = (request: string) => selection.pairs !== "only" || isSending(request);
    return result.requests.flatMap((request, skip) =>
      selection.faults
        .filter((fault) => fits(fault) && isWanted(request))
        .map((fault) => ({ ...withInjections({ fault, skip }), undisturbed: result.requests })),
    );
  }
  if (second === undefined) {
    const request = result.injected[0]?.request ?? "";
    if (selection.pairs === "none" || !done.flow.sends || !isSending(request)) return [];
    return isFirstOfPair(first.fault)
      ? secondsOf(first, laterThan(first, request, result.requests), done.undisturbed ?? []).map((one) =>
          withInjections(first, one),
        )
      : [];
  }
  if (second.fault !== secondFaults[0] || !isWrite(result.injected[1]?.request)) return [];
  return secondFaultsOfWrites.filter(fits).map((fault) => withInjections(first, { ...second, fault }));
}

/**
 * The second faults after a first one that can make a difference. They are injected into the requests that the first one has
 * caused and the first one after these. The requests behind it are those of the flow without faults, where a fault is a single
 * one, unless the first one has taken time, of which a hanging request may take the rest. Of equal reads in a row, by which a
 * handler searches, the first, the second and the last.
 *
 * @param later The flow's requests after the one with the first fault.
 * @param undisturbed All requests of the flow without faults.
 */
export function secondsOf(
  first: Injection,
  later: readonly string[],
  undisturbed: readonly string[],
): Injection[] {
  const laterUndisturbed = undisturbed.slice(first.skip + 1);
  let common = 0;
  while (common < laterUndisturbed.length && later.at(-1 - common) === laterUndisturbed.at(-1 - common))
    common++;
  return later.flatMap((request, index) => {
    const isAmongEqual = [index - 2, index - 1, index + 1].every((other) => later[other] === request);
    if (isAmongEqual && !isWrite(request)) return [];
    const isCaused = index <= later.length - common;
    const all = isCaused ? secondFaults : takesTime(first.fault) ? hang : [];
    // The first rule is asked first, and where it is injected the second one does not count.
    return all.map((fault) => ({ fault, skip: first.skip + index }));
  });
}

/** The requests after the one with a fault. The emulator lists a request when it executes it, and one that is lost never. */
function laterThan({ fault, skip }: Injection, request: string, requests: readonly string[]): string[] {
  const rest = requests.slice(skip);
  const at = isListed(fault) ? rest.indexOf(request) : -1;
  return rest.filter((_, index) => index !== at);
}

/** A request by which Twilio makes something twice when it comes twice. */
const isSending = (request: string): boolean => /^POST .*(Messages|Webhooks)$/.test(request);

/** As many pairs as are the share of one flow on one platform. The first fault meets a request that {@link isSending}. */
function drawPairs(
  requests: readonly string[],
  { flows, platforms, faults }: Selection,
  fits: (fault: Fault) => boolean,
  { cases, seed }: Sample,
): Injection[][] {
  const sending = positions(0, requests.length).filter((index) => isSending(requests[index] ?? ""));
  if (sending.length === 0) return [];
  const share = Math.ceil(cases / (flows.length * platforms.length));
  const pick = <One>(list: readonly One[]) => fc.constantFrom(...list);
  const pairs = pick(sending).chain((skip) =>
    fc.tuple(
      fc.record({ fault: pick(faults.filter(fits)), skip: fc.constant(skip) }),
      // A fault has more requests follow it than there are without it.
      fc.nat(requests.length - skip + 2).chain((later) =>
        fc.record({
          fault: pick(
            faults.filter(
              (fault) => fits(fault) && (!fault.isForWrites || isWrite(requests[skip + later + 1])),
            ),
          ),
          skip: fc.constant(skip + later),
        }),
      ),
    ),
  );
  return fc.sample(pairs, { seed, numRuns: share });
}

/** A request that is not known is taken for a read, like most that follow a fault. */
const isWrite = (request = "GET"): boolean => !request.startsWith("GET");

const positions = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
