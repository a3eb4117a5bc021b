import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { accessTokenSigner } from "../../core/access/access-token.ts";
import { sidOf } from "../../core/sid.ts";
import { bundleFile, type Endpoint, endpoints, type Target, targetsOf } from "../../infra/endpoints.ts";
import { sizeBudget, timeBudget } from "../build/budgets.ts";
import { endProgress, showProgress } from "../progress.ts";
import { table } from "../table.ts";
import { comparisonsWith } from "./comparisons.ts";
import { startTwilio, type Twilio } from "./jobs.ts";
import { median, shuffled } from "./median.ts";
import { eventOf, programOf } from "./programs.ts";
import { COLD_START_JOB, slowness } from "./reference.ts";
import { requestOf } from "./requests.ts";

const HELP = `npm run bench [-- --rounds N]

Measures cold starts: whole processes that load a bundle, do the shortest real job of its endpoint against
the emulator and exit, compared with \`node -e 0\`, the least code for the job and \`import twilio\`, in shuffled rounds; and how many access tokens
the signer creates per second. Prints medians and missed budgets, which are scaled by the machine's speed.

  --rounds N   Rounds to take the median of (15)`;

/** One kind of process to measure. */
interface Variant {
  readonly name: string;
  readonly args: readonly string[];
  /** The loaded bundle. */
  readonly bundle?: { readonly endpoint: Endpoint; readonly target: Target };
}

const PLATFORMS: Readonly<Record<Target, string>> = {
  twilio: "Functions",
  lambda: "Lambda",
  consumer: "Lambda, behind the queue",
};
const BARE: Variant = { name: "node -e 0", args: ["-e", "0"] };
/** The number of variants compared with one bare Node: few, since the machine's speed drifts within a round. */
const HEAT = 6;

const SIGNER_BUDGET = 200_000;
const TOKENS_PER_RUN = 100_000;

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "15" }, help: { type: "boolean", short: "h" } },
});
if (values.help) {
  console.log(HELP);
} else {
  await run(Math.max(3, Number(values.rounds) || 15));
}

async function run(rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "parley-bench-"));
  const twilio = await startTwilio();
  try {
    const variants = prepare(folder, twilio);
    report(variants, await measure(variants, twilio, rounds));
    benchSigner(twilio);
  } finally {
    await twilio.stop();
    rmSync(folder, { recursive: true });
  }
}

/** Writes a program for each variant. */
function prepare(folder: string, twilio: Twilio): Variant[] {
  const script = (name: string, text: string): readonly string[] => {
    const path = join(folder, `${name.replaceAll(/\W+/g, "-")}.cjs`);
    writeFileSync(path, text);
    return [path];
  };
  const bundles = endpoints().flatMap((endpoint) =>
    targetsOf(endpoint).map((target): Variant => {
      const program = programOf(endpoint, target, twilio.variables);
      return {
        name: `${endpoint.name}, ${PLATFORMS[target]}`,
        args: script(`${endpoint.name}-${target}`, program),
        bundle: { endpoint, target },
      };
    }),
  );
  const others = Object.values(comparisonsWith(twilio)).map(
    ({ name, modules, run }): Variant => ({
      name,
      args: script(name, `${modules}\n(${run})().then(() => process.exit(0));`),
    }),
  );
  return [...bundles, ...others];
}

/** Measurements by variant. */
interface Measured {
  /** Milliseconds above a bare Node process of the same group; for bare Node, its total. */
  readonly times: ReadonlyMap<string, readonly number[]>;
  /** How many requests to Twilio the job sends. */
  readonly requests: ReadonlyMap<string, number>;
}

async function measure(variants: readonly Variant[], twilio: Twilio, rounds: number): Promise<Measured> {
  const requests = await countRequests(variants, twilio);
  const times = new Map<string, number[]>([...variants, BARE].map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const heat of heatsOf(shuffled(variants))) {
      const elapsed = new Map<Variant, number>();
      for (const variant of shuffled([...heat, BARE])) {
        elapsed.set(variant, await timeOf(variant, await eventFor(variant, twilio)));
      }
      // The first round warms up the page cache and the emulator.
      if (round === 0) continue;
      const bare = elapsed.get(BARE) ?? Number.NaN;
      times.get(BARE.name)?.push(bare);
      for (const variant of heat) times.get(variant.name)?.push((elapsed.get(variant) ?? bare) - bare);
    }
    showProgress(`round ${round} of ${rounds}`);
  }
  endProgress();
  return { times, requests };
}

async function countRequests(
  variants: readonly Variant[],
  twilio: Twilio,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const variant of variants.filter(({ bundle }) => bundle !== undefined)) {
    const event = await eventFor(variant, twilio);
    const before = await twilio.answered();
    await timeOf(variant, event);
    counts.set(variant.name, (await twilio.answered()) - before);
  }
  return counts;
}

function* heatsOf(variants: readonly Variant[]): Iterable<readonly Variant[]> {
  for (let start = 0; start < variants.length; start += HEAT) yield variants.slice(start, start + HEAT);
}

/** The event for a bundle's job, as JSON. */
async function eventFor({ bundle }: Variant, twilio: Twilio): Promise<readonly string[]> {
  if (bundle === undefined) return [];
  const { endpoint, target } = bundle;
  return [JSON.stringify(eventOf(endpoint, target, await requestOf(endpoint, twilio), twilio.variables))];
}

function timeOf({ name, args }: Variant, event: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(process.execPath, [...args, ...event], { stdio: ["ignore", "ignore", "pipe"] });
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => {
      complaint += chunk;
    });
    let elapsed = 0;
    child.once("exit", () => {
      elapsed = performance.now() - startedAt;
    });
    child.once("close", (code) => {
      if (code === 0) resolve(elapsed);
      else reject(new Error(`"${name}" failed (exit code ${code}): ${complaint}`));
    });
  });
}

/** Medians of differences within a group, so that changes of the machine's speed cancel out. */
function report(variants: readonly Variant[], { times, requests }: Measured): void {
  const slow = slowness("coldStart", median(times.get(COLD_START_JOB) ?? []));
  const rows = variants.map(({ name, bundle }) => {
    const above = median(times.get(name) ?? []);
    const count = requests.get(name) ?? 0;
    const verdict = bundle === undefined ? [] : [String(count), ...judge(above, bundle, count, slow.times)];
    return [name, above.toFixed(1), ...verdict];
  });
  const missed = rows.filter((row) => row.at(-1)?.startsWith("MISSED"));
  console.log(`bare node: ${median(times.get(BARE.name) ?? []).toFixed(1)} ms. ${slow.text}\n`);
  const header = [
    "cold start to the first job done",
    "ms above bare",
    "requests",
    "budget",
    "kB",
    "goal",
    "verdict",
  ];
  console.log(table(header, rows));
  console.log(
    `\nbundles that miss a budget: ${missed.length} of ${variants.filter(({ bundle }) => bundle).length}`,
  );
}

/** Time budget, size, size goal, and which of them are missed. */
function judge(
  above: number,
  { endpoint, target }: NonNullable<Variant["bundle"]>,
  requests: number,
  slowness: number,
): string[] {
  const budget = timeBudget(endpoint, target, requests) * slowness;
  const kB = statSync(bundleFile(endpoint, target)).size / 1_000;
  const { goal } = sizeBudget(endpoint, target);
  const misses = [...(above > budget ? ["time"] : []), ...(kB > goal ? ["size"] : [])];
  const verdict = misses.length === 0 ? "kept" : `MISSED: ${misses.join(", ")}`;
  return [budget.toFixed(1), kB.toFixed(1), String(goal), verdict];
}

function benchSigner({ info }: Twilio): void {
  const { apiKeySecret } = info;
  const serviceSid = sidOf("IS", info.chatServiceSid);
  const sign = accessTokenSigner({
    accountSid: sidOf("AC", info.accountSid),
    apiKeySid: sidOf("SK", info.apiKeySid),
    apiKeySecret,
  });
  const rates = Array.from({ length: 7 }, () => {
    const startedAt = performance.now();
    for (let i = 0; i < TOKENS_PER_RUN; i++) sign({ identity: `user-${i}`, serviceSid }, 3600, 1_800_000_000);
    return TOKENS_PER_RUN / ((performance.now() - startedAt) / 1_000);
  });
  const rate = median(rates);
  const verdict = rate < SIGNER_BUDGET ? "MISSED" : "kept";
  console.log(
    `\naccess tokens signed per second and core: ${Math.round(rate).toLocaleString("en")} (budget ${SIGNER_BUDGET.toLocaleString("en")}: ${verdict})`,
  );
}
