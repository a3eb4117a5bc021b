import type { Verdict } from "./case.ts";
import type { Finished } from "./matrix.ts";

const VERDICTS: readonly Verdict[] = ["complete", "repaired", "reported", "bad"];

/** A case in a line: what was done where, and what came of it. */
export function describeCase({ done, result }: Finished): string {
  const injected = done.injections.map(
    ({ fault }, index) => `${fault.name} at ${result.injected[index]?.request}`,
  );
  return `${done.platform.name}, ${done.flow.name}: ${injected.join(" and ") || "no fault"}: ${result.story}`;
}

/** How often each verdict was passed on each flow, with a header and the sums. */
export const rowsOf = (finished: readonly Finished[]): string[][] => tableOf(countsOf(finished));

/** Numbers of cases, all and by verdict, by flow and platform. */
type Counts = Map<string, readonly number[]>;

function countsOf(finished: readonly Finished[]): Counts {
  const counts: Counts = new Map();
  for (const { done, result } of finished) {
    if (result.verdict === "missed") continue;
    const key = `${done.flow.name} | ${done.platform.name}`;
    const one = [1, ...VERDICTS.map((verdict) => Number(result.verdict === verdict))];
    counts.set(key, sum(counts.get(key) ?? NONE, one));
  }
  return counts;
}

const NONE = [0, ...VERDICTS.map(() => 0)];
const sum = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((number, index) => number + (b[index] ?? 0));

function tableOf(counts: Counts): string[][] {
  const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  const all = [...counts.values()].reduce(sum, NONE);
  return [
    ["flow", "platform", "cases", ...VERDICTS],
    ...rows.map(([key, numbers]) => [...key.split(" | "), ...numbers.map(String)]),
    ["all", "", ...all.map(String)],
  ];
}

const markdown = ([header = [], ...rows]: readonly (readonly string[])[]): string =>
  [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** The numbers in a table of {@link markdown}. */
function readCounts(text: string): Counts {
  const rows = [...text.matchAll(/^\| ([^|\s][^|]*) \| ([^|\s][^|]*) \| (\d[\d |]*) \|$/gm)];
  return new Map(
    rows.map(([, flow, platform, numbers = ""]) => [
      `${flow} | ${platform}`,
      numbers.split(" | ").map(Number),
    ]),
  );
}

/**
 * docs/reliability.md with the results of a run below its mark: they replace the rows of the same flows. Results of single faults and of pairs
 * have a table each.
 */
export function withResults(page: string, finished: readonly Finished[]): string {
  const [words = "", results = ""] = page.split(MARK);
  const [single = "", pairs = ""] = results.split(PAIRS);
  const isPair = ({ done }: Finished) => done.injections.length > 1;
  const merged = (text: string, own: readonly Finished[]) =>
    markdown(tableOf(new Map([...readCounts(text), ...countsOf(own)])));
  const ofPairs = finished.filter(isPair);
  const ofSingles =
    ofPairs.length === finished.filter(({ done }) => done.injections.length > 0).length
      ? []
      : finished.filter((one) => !isPair(one));
  return `${words}${MARK}\n\n${SINGLE}\n\n${merged(single, ofSingles)}\n\n${PAIRS}\n\n${merged(pairs, ofPairs)}\n`;
}

const MARK = "<!-- What follows is written by `npm run faults`. -->";
const SINGLE = "One fault in each case; the first case of a flow has none.";
const PAIRS = "Two faults in each case.";
