import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundleFile, endpoints, root } from "../../infra/endpoints.ts";
import { endProgress, showProgress } from "../progress.ts";
import { table } from "../table.ts";
import { type Comparison, comparisonsWith } from "./comparisons.ts";
import { type Cost, invokeOnce, type LambdaFunction, runtimeArguments } from "./invocation.ts";
import { startTwilio, type Twilio } from "./jobs.ts";
import { median, shuffled } from "./median.ts";
import { eventOf } from "./programs.ts";
import { COLD_START_JOB, slowness } from "./reference.ts";
import { requestOf } from "./requests.ts";

const HELP = `npm run bench:lambda [-- --rounds N] [--client FOLDER]

Measures cold starts on Lambda: CPU time and time of a whole process, from its start to its first answer, above those of a
function that does nothing, in shuffled rounds, beside the least code for the same job and \`import twilio\`. The functions run
under AWS's runtime interface client where it is installed (\`npm install --no-save aws-lambda-ric\`, which compiles native
code), otherwise under a loop over node:http with the same protocol.

  --rounds N       Rounds to take the median of (15)
  --client FOLDER  The folder of the package aws-lambda-ric (the installed one)`;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    client: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});

/** A function that is measured, and the next event for it. */
interface Variant extends LambdaFunction {
  readonly name: string;
  readonly kind: "empty" | "limit" | "Parley" | "import twilio";
  readonly goalMs?: number;
  readonly event: () => Promise<object>;
}

/** CPU milliseconds that a token should take at most. */
const TOKEN_GOAL_MS = 9;
const MEASURED = ["token", "conversations/find", "whatsapp/opt-in-reply", "webhooks/pre-event"];

function findClient(): string | undefined {
  if (values.client !== undefined) return join(values.client, "bin/index.mjs");
  try {
    return join(createRequire(join(root, "package.json")).resolve("aws-lambda-ric"), "../../bin/index.mjs");
  } catch {
    return undefined;
  }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "parley-bench-"));
  const twilio = await startTwilio();
  try {
    const client = findClient();
    const under =
      client === undefined ? "a loop over node:http; aws-lambda-ric is not installed" : "aws-lambda-ric";
    console.log(`Functions run under ${under}.\n`);
    await measure(
      prepare(folder, twilio),
      runtimeArguments(folder, client),
      Math.max(3, Number(values.rounds) || 15),
    );
  } finally {
    await twilio.stop();
    rmSync(folder, { recursive: true });
  }
}

function prepare(folder: string, twilio: Twilio): Variant[] {
  const write = (name: string, modules: string, run: string): string => {
    const at = join(folder, name);
    mkdirSync(at);
    writeFileSync(join(at, "index.js"), `${modules}\nexports.handler = ${run};\n`);
    return at;
  };
  const simple = (kind: Variant["kind"], file: string, { name, modules, run }: Comparison): Variant => ({
    name,
    kind,
    folder: write(file, modules, run),
    variables: {},
    event: async () => ({}),
  });
  const { tokenLimit, tokenPeer, requestLimit, requestPeer } = comparisonsWith(twilio);
  const ours = endpoints()
    .filter(({ name }) => MEASURED.includes(name))
    .map((endpoint): Variant => {
      const target = endpoint.isQueued ? "consumer" : "lambda";
      return {
        name: endpoint.name,
        kind: "Parley",
        folder: join(bundleFile(endpoint, target), ".."),
        variables: twilio.variables,
        event: async () => eventOf(endpoint, target, await requestOf(endpoint, twilio), twilio.variables),
        ...(endpoint.name === "token" && { goalMs: TOKEN_GOAL_MS }),
      };
    });
  return [
    simple("empty", "empty", { name: "a function that does nothing", modules: "", run: "async () => ({})" }),
    simple("limit", "token-limit", tokenLimit),
    simple("import twilio", "token-peer", tokenPeer),
    simple("limit", "request-limit", requestLimit),
    simple("import twilio", "request-peer", requestPeer),
    ...ours,
  ];
}

async function measure(
  variants: readonly Variant[],
  runtime: readonly string[],
  rounds: number,
): Promise<void> {
  const [empty] = variants;
  const costs = new Map<Variant, Cost[]>(variants.map((variant) => [variant, []]));
  for (let round = 0; round <= rounds; round += 1) {
    const measured = new Map<Variant, Cost>();
    for (const variant of shuffled(variants))
      measured.set(variant, await invokeOnce(variant, await variant.event(), runtime));
    showProgress(`round ${round} of ${rounds}`);
    const base = empty && measured.get(empty);
    // The first round warms up the page cache and the emulator.
    if (round === 0 || base === undefined) continue;
    for (const [variant, { cpuMs, wallMs }] of measured)
      costs
        .get(variant)
        ?.push(variant === empty ? base : { cpuMs: cpuMs - base.cpuMs, wallMs: wallMs - base.wallMs });
  }
  endProgress();
  const cpuOf = (variant: Variant) => median((costs.get(variant) ?? []).map(({ cpuMs }) => cpuMs));
  const peer = variants.find(({ name }) => name === COLD_START_JOB);
  const slow = slowness("lambda", peer === undefined ? Number.NaN : cpuOf(peer));
  const rows = variants.map((variant) => {
    const all = costs.get(variant) ?? [];
    const cpuMs = cpuOf(variant);
    const goalMs = variant.goalMs === undefined ? undefined : variant.goalMs * slow.times;
    const verdict =
      goalMs === undefined ? "" : `goal ${goalMs.toFixed(1)}: ${cpuMs <= goalMs ? "kept" : "MISSED"}`;
    const wallMs = median(all.map(({ wallMs }) => wallMs));
    return [variant.name, variant.kind, cpuMs.toFixed(1), wallMs.toFixed(1), verdict];
  });
  const titles = ["cold start on Lambda, above a function that does nothing", "", "CPU ms", "ms", ""];
  console.log(`${slow.text}\n\n${table(titles, rows)}`);
}

if (values.help) console.log(HELP);
else await main();
