import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { CHUNK, fuzz } from "./workers.ts";

/** A thread waits half of its time: for pauses of the handlers, which are as long as in a deployment. */
const WORKERS = 2 * availableParallelism();

const HELP = `Usage: npm run fuzz -- [options]

Sends random and spoiled requests to all bundles, through both adapters, and to all operations of the emulator. Ends with 1 at
the first crash, unintended 5xx or contradiction in the emulator's state, with the request and a seed that repeats it.

  --requests N   how many; 100,000 unless given
  --seed S       whole number; another one each time unless given. Every ${CHUNK} requests have the next one
  --workers N    threads that send; ${WORKERS} unless given
  --bundles      the bundles alone
  --help         this text
`;

/** A mistake in the arguments: exit code 2. */
class UsageError extends Error {}

function readOptions(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        requests: { type: "string", default: "100000" },
        seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
        workers: { type: "string", default: String(WORKERS) },
        bundles: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const [requests, seed, workers] = [values.requests, values.seed, values.workers].map(Number) as [
      number,
      number,
      number,
    ];
    if (!Number.isInteger(requests) || requests < 1)
      throw new Error("--requests must be a whole number from 1.");
    if (!Number.isInteger(seed)) throw new Error("--seed must be a whole number.");
    if (!Number.isInteger(workers) || workers < 1)
      throw new Error("--workers must be a whole number from 1.");
    return { requests, seed, workers, isForBundlesAlone: values.bundles, help: values.help };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function run(args: readonly string[]): Promise<number> {
  const { requests, seed, workers, isForBundlesAlone, help } = readOptions(args);
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  const stop = new AbortController();
  const abort = () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  process.on("SIGINT", abort).on("SIGTERM", abort);
  process.stderr.write(`seed ${seed}\n`);
  const begun = performance.now();
  let shownAt = begun;
  const sent = await fuzz({
    requests,
    seed,
    workers,
    isForBundlesAlone,
    signal: stop.signal,
    progress(count) {
      const now = performance.now();
      if (now - shownAt < (process.stderr.isTTY ? 500 : 15_000)) return;
      shownAt = now;
      const line = `${count} of ${requests} requests, ${Math.round((1_000 * count) / (now - begun))} a second`;
      process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
    },
  });
  const seconds = Math.round((performance.now() - begun) / 1_000);
  process.stdout.write(
    `${process.stderr.isTTY ? "\n" : ""}${sent} requests in ${seconds} s, and nothing was found.\n`,
  );
  return stop.signal.aborted ? 130 : 0;
}

run(process.argv.slice(2)).then(
  (exitCode) => {
    process.exit(exitCode);
  },
  (error: unknown) => {
    if (error instanceof UsageError) process.stderr.write(`${error.message}\n\n${HELP}`);
    else process.stderr.write(`\n${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
