import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NodeProcess, startNode } from "../local/process.ts";

/** What a process uses. Sizes are in MB of 1,000,000 bytes. */
export interface Usage {
  /** Live objects, after a collection. */
  readonly heap: number;
  readonly rss: number;
  /** The most that was resident so far. */
  readonly peak: number;
  readonly cpuSeconds: number;
}

/** A process that tells what it uses. */
export interface Probed extends NodeProcess {
  usage(): Promise<Usage>;
}

const MARK = "usage:";
const REPORT = `process.on("SIGUSR2", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  gc();
  const { heapUsed, rss } = process.memoryUsage();
  const usage = { heap: heapUsed / 1e6, rss: rss / 1e6, peak: maxRSS * 1024 / 1e6, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
  process.stderr.write("${MARK}" + JSON.stringify(usage) + "\\n");
});`;

/** Starts a program that prints a line of JSON when it is ready. */
export async function startProbed(args: readonly string[]): Promise<Probed> {
  const folder = mkdtempSync(join(tmpdir(), "parley-bench-"));
  const report = join(folder, "report.cjs");
  writeFileSync(report, REPORT);
  const child = await startNode(["--expose-gc", "--require", report, ...args], {
    env: {},
    isReady: (line) => line.startsWith("{"),
  });
  rmSync(folder, { recursive: true });
  const reports = () =>
    child
      .output()
      .split("\n")
      .slice(0, -1)
      .filter((line) => line.startsWith(MARK));
  return {
    ...child,
    async usage() {
      const before = reports().length;
      process.kill(child.pid ?? 0, "SIGUSR2");
      while (reports().length === before) await new Promise((resolve) => setTimeout(resolve, 20));
      return JSON.parse(reports().at(-1)?.slice(MARK.length) ?? "") as Usage;
    },
  };
}
