import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../../infra/endpoints.ts";
import { table } from "../../tools/table.ts";
import { platforms } from "../support/platforms.ts";
import { faults } from "./faults.ts";
import { flows } from "./flows/all.ts";
import { type Finished, runMatrix, type Selection } from "./matrix.ts";
import { describeCase, rowsOf, withResults } from "./page.ts";

/** Most of a case's time is spent waiting for limits. */
const LANES = 8 * availableParallelism();

const HELP = `Usage: npm run faults -- [options]

Runs every flow of the endpoints on both platforms' bundles with every fault in each of its requests to Twilio, one at a
time, and flows that send also with two. Exits with 1 when a case ends in a duplicate, a loss or a half-done state that
nobody is told of. A run of all faults on both platforms writes the rows of its flows into docs/reliability.md.

  --flow TEXT       flows whose name or endpoints contain it
  --platform TEXT   "functions" or "lambda"
  --fault TEXT      faults whose name contains it
  --singles         one fault at a time
  --pairs           pairs of faults and nothing else
  --sample N        of the pairs of faults N, drawn at random, and nothing else
  --seed S          whole number that decides which; another one each time unless given
  --lanes N         deployments of each platform, side by side; ${LANES} unless given
  --list            the flows and faults
  --help            this text
`;

/** A mistake in the arguments: exit code 2. */
class UsageError extends Error {}

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        flow: { type: "string", default: "" },
        platform: { type: "string", default: "" },
        fault: { type: "string", default: "" },
        singles: { type: "boolean", default: false },
        pairs: { type: "boolean", default: false },
        sample: { type: "string" },
        seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
        lanes: { type: "string", default: String(LANES) },
        list: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function selectionOf(options: ReturnType<typeof readOptions>): Selection {
  const has = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase());
  const selection = {
    platforms: platforms.filter(({ name }) => has(name, options.platform)),
    flows: flows.filter(({ name, endpoints }) =>
      [name, ...endpoints].some((text) => has(text, options.flow)),
    ),
    faults: faults.filter(({ name }) => has(name, options.fault)),
    pairs: pairsOf(options),
  };
  for (const [option, list] of [
    ["flow", selection.flows],
    ["platform", selection.platforms],
    ["fault", selection.faults],
  ] as const) {
    if (list.length === 0) throw new UsageError(`--${option} ${options[option]}: there is none. See --list.`);
  }
  return selection;
}

function pairsOf({ singles, pairs, sample, seed }: ReturnType<typeof readOptions>): Selection["pairs"] {
  if ([singles, pairs, sample !== undefined].filter(Boolean).length > 1)
    throw new UsageError("--singles, --pairs and --sample exclude each other.");
  if (sample === undefined) return singles ? "none" : pairs ? "only" : "all";
  const [cases, start] = [Number(sample), Number(seed)];
  if (!Number.isInteger(cases) || cases < 1) throw new UsageError("--sample must be a whole number from 1.");
  if (!Number.isInteger(start)) throw new UsageError("--seed must be a whole number.");
  process.stderr.write(`seed ${start}\n`);
  return { cases, seed: start };
}

/** The flows that should have had pairs of faults and had none, because the machine was too slow for their first case. */
function withoutPairs({ flows, platforms, faults: all, pairs }: Selection, finished: readonly Finished[]) {
  if (pairs === "none" || typeof pairs === "object" || all.length < faults.length) return [];
  const paired = new Set(
    finished
      .filter(({ done }) => done.injections.length > 1)
      .map(({ done }) => `${done.flow.name} on ${done.platform.name}`),
  );
  const wanted = flows
    .filter(({ sends }) => sends)
    .flatMap(({ name }) => platforms.map((platform) => `${name} on ${platform.name}`));
  return wanted.filter((one) => !paired.has(one));
}

async function run(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (options.list) {
    const lines = flows.map(({ name, endpoints }) => `${name} (${endpoints.join(", ")})`);
    process.stdout.write(`${[...lines, "", ...faults.map(({ name }) => name)].join("\n")}\n`);
    return 0;
  }
  const selection = selectionOf(options);
  const lanes = Number(options.lanes);
  if (!Number.isInteger(lanes) || lanes < 1) throw new UsageError("--lanes must be a whole number from 1.");

  // Each deployment ends its process with this one.
  process.setMaxListeners(0);
  let isStopped = false;
  const stop = () => {
    if (isStopped) process.exit(130);
    isStopped = true;
    process.stderr.write("\nEnding the cases that are under way; once more to end at once.\n");
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);

  const finished: Finished[] = [];
  let isBad = false;
  let isLate = Date.now();
  await runMatrix(selection, {
    lanes,
    shouldStop: () => isStopped,
    report(one, waiting) {
      // Their rows have every fault in every request.
      if (selection.pairs !== "only" || one.done.injections.length > 1) finished.push(one);
      else if (one.result.verdict === "bad") isBad = true;
      if (one.result.verdict === "bad") process.stderr.write(`\r\x1b[KBAD ${describeCase(one)}\n`);
      if (!process.stderr.isTTY && Date.now() - isLate < 15_000) return;
      isLate = Date.now();
      const line = `${finished.length} cases, at least ${waiting} to come: ${one.done.flow.name}`;
      process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
    },
  });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");

  const [header, ...rows] = rowsOf(finished);
  process.stdout.write(`${table(header ?? [], rows)}\n`);
  if (isStopped) return 130;
  const isWhole =
    selection.platforms.length === platforms.length && selection.faults.length === faults.length;
  const page = join(root, "docs/reliability.md");
  if (isWhole) writeFileSync(page, withResults(readFileSync(page, "utf8"), finished));
  const unpaired = withoutPairs(selection, finished);
  if (unpaired.length > 0)
    process.stderr.write(
      `No pair of faults came in ${unpaired.join(", ")}. Run it again (--flow, --lanes).\n`,
    );
  return isBad || unpaired.length > 0 || finished.some(({ result }) => result.verdict === "bad") ? 1 : 0;
}

run(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    const isUsage = error instanceof UsageError;
    process.stderr.write(
      isUsage ? `${error.message}\n\n${HELP}` : `${error instanceof Error ? error.stack : error}\n`,
    );
    process.exit(isUsage ? 2 : 1);
  },
);
