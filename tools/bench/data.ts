import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../../infra/endpoints.ts";
import { buildEmulator } from "../build/emulator.ts";
import type { EmulatorInfo } from "../local/local.ts";
import { endProgress, showProgress } from "../progress.ts";
import { table } from "../table.ts";
import { type LoadResult, loadTimes } from "./load.ts";
import { median } from "./median.ts";
import { startProbed } from "./probe.ts";
import { Api, creatingMessages } from "./rest.ts";

const HELP = `npm run bench:data [-- --messages N]

Creates messages in an emulator with --data, whose journal is rewritten meanwhile, and in one without, and starts it again.
Prints the rates, the longest requests and the time and memory of the start, with missed budgets. A request that the
machine delays without --data, too, is not delayed by the journal.

  --messages N   How many messages (600000)`;

const { values } = parseArgs({
  options: { messages: { type: "string", default: "600000" }, help: { type: "boolean", short: "h" } },
});
const PART = 20_000;
const [LONGEST_MS, START_SECONDS, START_MB] = [100, 6, 1000];

async function main(): Promise<void> {
  await buildEmulator();
  const directory = mkdtempSync(join(tmpdir(), "parley-bench-"));
  try {
    const count = Math.max(PART, Number(values.messages) || 600_000);
    const [stored, inMemory] = [await fill(count, ["--data", directory]), await fill(count, [])];
    const rows = [describe("with --data", stored), describe("in memory", inMemory)];
    const longest = median(stored.map(({ longest }) => longest));
    rows[0]?.push(longest <= LONGEST_MS ? "kept" : "MISSED");
    const messages = `${count.toLocaleString("en")} messages`;
    const titles = [
      messages,
      "per second",
      "p99 ms",
      "longest ms: median of parts",
      "of all",
      `budget ${LONGEST_MS}`,
    ];
    console.log(`${table(titles, rows)}\n`);
    await measureStart(directory, messages);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function fill(count: number, args: readonly string[]): Promise<LoadResult[]> {
  const emulator = await startProbed([join(root, "dist/emulator.cjs"), ...args]);
  try {
    const info = JSON.parse(emulator.readyLine) as EmulatorInfo;
    const { sid } = await new Api(info).post("/v1/Conversations");
    const results: LoadResult[] = [];
    for (let created = 0; created < count; created += PART) {
      showProgress(`${created.toLocaleString("en")} of ${count.toLocaleString("en")} messages`);
      results.push(await loadTimes({ ...creatingMessages(info, sid), depth: 2 }, PART));
    }
    endProgress();
    return results;
  } finally {
    await emulator.stop();
  }
}

function describe(name: string, results: readonly LoadResult[]): string[] {
  const middle = (field: keyof LoadResult) => median(results.map((result) => result[field]));
  return [
    name,
    Math.round(middle("perSecond")).toLocaleString("en"),
    middle("p99").toFixed(1),
    middle("longest").toFixed(0),
    Math.max(...results.map(({ longest }) => longest)).toFixed(0),
  ];
}

async function measureStart(directory: string, messages: string): Promise<void> {
  const megabytes = statSync(join(directory, "journal")).size / 1e6;
  const begun = performance.now();
  const emulator = await startProbed([join(root, "dist/emulator.cjs"), "--data", directory]);
  const seconds = (performance.now() - begun) / 1000;
  const { peak, heap, cpuSeconds } = await emulator.usage();
  await emulator.stop();
  const verdict = (isKept: boolean) => (isKept ? "kept" : "MISSED");
  console.log(
    table(
      [`start with ${messages} in a journal of ${megabytes.toFixed(0)} MB`, "", "budget", ""],
      [
        ["seconds", seconds.toFixed(1), String(START_SECONDS), verdict(seconds <= START_SECONDS)],
        ["seconds of CPU", cpuSeconds.toFixed(1), "", ""],
        ["peak MB", peak.toFixed(0), String(START_MB), verdict(peak <= START_MB)],
        ["live heap MB", heap.toFixed(0), "", ""],
      ],
    ),
  );
}

if (values.help) console.log(HELP);
else await main();
