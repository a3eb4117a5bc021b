import { writeFileSync } from "node:fs";
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

/** How often each verdict was passed on each flow, with a header. */
export function rowsOf(finished: readonly Finished[]): string[][] {
  const groups = new Map<string, Finished[]>();
  for (const one of finished) {
    if (one.result.verdict === "missed") continue;
    const key = `${one.done.flow.name}\n${one.done.platform.name}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const rows = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, cases]) => {
      const [flow = "", platform = ""] = key.split("\n");
      return [flow, platform, ...countsOf(cases)];
    });
  const all = finished.filter(({ result }) => result.verdict !== "missed");
  return [["flow", "platform", "cases", ...VERDICTS], ...rows, ["all", "", ...countsOf(all)]];
}

const countsOf = (cases: readonly Finished[]): string[] => [
  String(cases.length),
  ...VERDICTS.map((verdict) => String(cases.filter(({ result }) => result.verdict === verdict).length)),
];

const markdown = ([header = [], ...rows]: readonly (readonly string[])[]): string =>
  [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** Writes docs/reliability.md anew below its mark; what stands above is written by hand. */
export function writePage(
  path: string,
  page: string,
  finished: readonly Finished[],
  withPairs: boolean,
): void {
  const [words = ""] = page.split(MARK);
  writeFileSync(
    path,
    `${words}${MARK}\n\n${withPairs ? "One fault and two" : "One fault"} in each case; the first case of a flow has none.\n\n${markdown(rowsOf(finished))}\n`,
  );
}

const MARK = "<!-- What follows is written by `npm run faults`. -->";
