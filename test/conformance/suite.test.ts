import { existsSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { type Run, runScenarios } from "./run/scenarios.ts";
import { allScenarios } from "./scenarios/all.ts";
import { coverageOf, type OperationCoverage } from "./table/operations.ts";
import { describeCoverage, testsHeading } from "./table/page.ts";

describe("the conformance suite", () => {
  let run: Run;
  let coverage: readonly OperationCoverage[];
  beforeAll(async () => {
    run = await runScenarios(allScenarios);
    coverage = coverageOf(run);
  }, 180_000);

  it("runs every scenario to its end", () => {
    expect(run.results.filter(({ outcome }) => outcome !== "passed")).toEqual([]);
  });

  it("calls every operation that is emulated", () => {
    const missing = coverage.filter(
      ({ operation, scenarios }) => operation.handler !== undefined && scenarios.length === 0,
    );
    expect(missing.map(({ operation }) => `${operation.method} ${operation.path}`)).toEqual([]);
  });

  it("matches docs/coverage.md: if not, run npm run coverage", () => {
    const [above = "", below = ""] = readPage().split(testsHeading);
    const [written, generated] = [linesOf(above), linesOf(describeCoverage(coverage))];
    expect({
      missing: generated.filter((line) => !written.includes(line)),
      outdated: written.filter((line) => !generated.includes(line)),
    }).toEqual({ missing: [], outdated: [] });
    const files = [...new Set(below.match(/[\w-]+(\/[\w-]+)+(?=[ ,])/g))];
    expect(files.filter((file) => !existsSync(new URL(`../${file}.test.ts`, import.meta.url)))).toEqual([]);
  });
});

function readPage(): string {
  return readFileSync(new URL("../../docs/coverage.md", import.meta.url), "utf8");
}

function linesOf(page: string): string[] {
  return page.split("\n").filter((line) => line !== "");
}
