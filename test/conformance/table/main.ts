import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startVitest } from "vitest/node";
import { runScenarios } from "../run/scenarios.ts";
import { allScenarios } from "../scenarios/all.ts";
import { coverageOf } from "./operations.ts";
import { describeCoverage, describeTests, type TestFiles } from "./page.ts";

/*
 * Writes docs/coverage.md: the rules of each operation, the scenarios of the conformance suite that call it, and other
 * tests that do. A failed test is included with the operations that it called, and makes the exit code 1.
 */

const page = fileURLToPath(new URL("../../../docs/coverage.md", import.meta.url));

async function recordTests(): Promise<TestFiles> {
  const directory = mkdtempSync(join(tmpdir(), "coverage-"));
  const record = join(directory, "record.txt");
  writeFileSync(record, "");
  process.env.COVERAGE_RECORD = record;
  try {
    const config = fileURLToPath(new URL("vitest.config.ts", import.meta.url));
    const vitest = await startVitest("test", [], { config, watch: false, reporters: ["default"] });
    await vitest.close();
    return readRecord(readFileSync(record, "utf8"));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function readRecord(text: string): TestFiles {
  const files: Record<string, string[]> = Object.create(null);
  for (const line of [...new Set(text.split("\n"))].sort()) {
    const [file = "", operation = ""] = line.split("\t");
    const name = file.replace(/\.test\.ts$/, "");
    if (operation !== "") files[operation] = [...(files[operation] ?? []), name];
  }
  return files;
}

const files = await recordTests();
const coverage = coverageOf(await runScenarios(allScenarios));
writeFileSync(page, `${describeCoverage(coverage)}\n${describeTests(coverage, files)}`);
process.stdout.write("Wrote docs/coverage.md\n");
