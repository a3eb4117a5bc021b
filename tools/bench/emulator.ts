import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../../infra/endpoints.ts";
import { buildEmulator } from "../build/emulator.ts";
import { endProgress, showProgress } from "../progress.ts";
import { table } from "../table.ts";
import { type Load, type LoadResult, loadFor, loadTimes } from "./load.ts";
import { median, shuffled } from "./median.ts";
import { type Probed, startProbed } from "./probe.ts";
import { type Slowness, slowness } from "./reference.ts";

await buildEmulator();

const HELP = `npm run bench:emulator [-- --rounds N]

Compares the emulator with two bare node:http servers, in shuffled rounds: messages created and lists of 50 read per
second over 10 connections, memory per 100,000 messages, the cost of a write with many records, and the time from
the start of the process to its first answer. Prints medians and missed budgets.

  --rounds N   Rounds to take the median of (5)`;

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, help: { type: "boolean" } },
});
const rounds = Math.max(1, Number(values.rounds) || 5);
const roundMs = 1_500;

/** A server process, with the conversations that receive the requests. */
interface Server {
  readonly name: string;
  readonly process: Probed;
  readonly port: number;
  readonly authorization: string;
}

const SERVERS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ["emulator", [join(root, "dist/emulator.cjs")]],
  ["node:http with a store", [join(root, "tools/bench/servers.ts"), "store"]],
  ["node:http, constant bytes", [join(root, "tools/bench/servers.ts"), "constant"]],
];

async function start(name: string, args: readonly string[]): Promise<Server> {
  const child = await startProbed(args);
  const { url, accountSid = "AC", authToken = "" } = JSON.parse(child.readyLine);
  const authorization = Buffer.from(`${accountSid}:${authToken}`).toString("base64");
  return { name, process: child, port: Number(new URL(url).port), authorization };
}

function requestTo({ port, authorization }: Server, method: string, path: string, form = ""): string {
  const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Basic ${authorization}\r\n`;
  if (method === "GET") return `${head}\r\n`;
  return `${head}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n${form}`;
}

async function createConversation(server: Server): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${server.port}/v1/Conversations`, {
    method: "POST",
    headers: { Authorization: `Basic ${server.authorization}` },
  });
  return ((await response.json()) as { sid: string }).sid;
}

async function deleteConversation(server: Server, sid: string): Promise<void> {
  const headers = { Authorization: `Basic ${server.authorization}` };
  await fetch(`http://127.0.0.1:${server.port}/v1/Conversations/${sid}`, { method: "DELETE", headers });
}

function creating(server: Server, conversationSid: string): Load {
  let number = 0;
  const path = `/v1/Conversations/${conversationSid}/Messages`;
  const request = () => {
    number += 1;
    return requestTo(server, "POST", path, `Author=alice&Body=Message+number+${number}+of+the+bench`);
  };
  return { port: server.port, request, status: 201 };
}

function listing(server: Server, conversationSid: string): Load {
  const text = requestTo(server, "GET", `/v1/Conversations/${conversationSid}/Messages?PageSize=50`);
  return { port: server.port, request: () => text, status: 200 };
}

async function main(): Promise<void> {
  const servers = await Promise.all(SERVERS.map(([name, args]) => start(name, args)));
  try {
    await benchRates(servers);
  } finally {
    await Promise.all(servers.map((server) => server.process.stop()));
  }
  await benchMemory();
  await benchGrowth();
  await benchStart();
}

async function benchRates(servers: readonly Server[]): Promise<void> {
  const results = new Map<string, { create: LoadResult[]; list: LoadResult[] }>();
  const loads = new Map<string, { create: Load; list: Load }>();
  for (const server of servers) {
    const [many, fifty] = [await createConversation(server), await createConversation(server)];
    await loadTimes(creating(server, fifty), 50);
    loads.set(server.name, { create: creating(server, many), list: listing(server, fifty) });
    results.set(server.name, { create: [], list: [] });
  }
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name } of shuffled(servers)) {
      const [load, result] = [loads.get(name), results.get(name)];
      if (load === undefined || result === undefined) continue;
      const [create, list] = [await loadFor(load.create, roundMs), await loadFor(load.list, roundMs)];
      // The first round warms up the servers.
      if (round > 0) result.create.push(create);
      if (round > 0) result.list.push(list);
    }
    showProgress(`round ${round} of ${rounds}`);
  }
  endProgress();
  for (const [kind, title, budget] of [
    ["create", "create a message", 0.55],
    ["list", "list 50 messages", 0.8],
  ] as const) {
    const baseline = medianOf(results.get("node:http with a store")?.[kind] ?? [], "perSecond");
    const slow = slowness("store", 1e6 / baseline);
    const rows = servers.map(({ name }) => {
      const measured = results.get(name)?.[kind] ?? [];
      const rate = medianOf(measured, "perSecond");
      const share = rate / baseline;
      const [p50, p99] = [medianOf(measured, "p50").toFixed(2), medianOf(measured, "p99").toFixed(2)];
      const verdict = name === "emulator" ? judge(kind, share, budget, Number(p99), slow) : "";
      return [name, Math.round(rate).toLocaleString("en"), p50, p99, share.toFixed(2), verdict];
    });
    console.log(`${table([title, "per second", "p50 ms", "p99 ms", "of the store", ""], rows)}\n`);
    if (kind === "create") console.log(`${slow.text}\n`);
  }
}

const CREATE_P99_MS = 2.6;

function judge(
  kind: "create" | "list",
  share: number,
  budget: number,
  p99: number,
  { times }: Slowness,
): string {
  const rate = `budget ${budget}: ${share >= budget ? "kept" : "MISSED"}`;
  if (kind === "list") return rate;
  const longest = CREATE_P99_MS * times;
  return `${rate}; p99 ${longest.toFixed(1)}: ${p99 <= longest ? "kept" : "MISSED"}`;
}

const HEAP_MB = 45;

/** Live and resident memory before and after 100,000 messages, in fresh processes. */
async function benchMemory(): Promise<void> {
  const rows: string[][] = [];
  for (const [name, args] of SERVERS.slice(0, 2)) {
    const server = await start(name, args);
    const sid = await createConversation(server);
    await loadTimes(creating(server, sid), 1_000);
    const before = await server.process.usage();
    await loadTimes({ ...creating(server, sid), depth: 8 }, 100_000);
    const after = await server.process.usage();
    const heap = after.heap - before.heap;
    const verdict = name === "emulator" ? (heap <= HEAP_MB ? "kept" : "MISSED") : "";
    rows.push([name, heap.toFixed(1), (after.rss - before.rss).toFixed(0), verdict]);
    await server.process.stop();
  }
  console.log(`${table(["100,000 messages", "live MB", "resident MB", `budget ${HEAP_MB}`], rows)}\n`);
}

/** The time of a write with much stored data, compared with an emulator with little. */
async function benchGrowth(): Promise<void> {
  const rows: string[][] = [];
  for (const [what, count] of [
    ["messages", 1_000_000],
    ["conversations", 100_000],
  ] as const) {
    const [small, large] = [await start(...emulator()), await start(...emulator())];
    // Both run the same load first, so that the same code is compiled; one is reset then.
    const warmUp = await createConversation(small);
    await loadTimes({ ...creating(small, warmUp), depth: 8 }, 20_000);
    await deleteConversation(small, warmUp);
    const [few, many] = [await createConversation(small), await createConversation(large)];
    await loadTimes(creating(small, few), 1_000);
    const filling =
      what === "messages"
        ? creating(large, many)
        : { port: large.port, request: () => requestTo(large, "POST", "/v1/Conversations"), status: 201 };
    showProgress(`creating ${count.toLocaleString("en")} ${what} …`);
    await loadTimes({ ...filling, depth: 8 }, count);
    endProgress();
    const ratios: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const little = await loadTimes(creating(small, few), 1_000);
      const much = await loadTimes(creating(large, many), 1_000);
      if (round > 0) ratios.push(little.perSecond / much.perSecond);
    }
    const ratio = median(ratios);
    rows.push([`${count.toLocaleString("en")} ${what}`, ratio.toFixed(2), ratio <= 1.3 ? "kept" : "MISSED"]);
    await Promise.all([small.process.stop(), large.process.stop()]);
  }
  console.log(
    `${table(["cost of a write, relative to a few thousand messages", "times", "budget 1.3"], rows)}\n`,
  );
}

function emulator(): readonly [string, readonly string[]] {
  return SERVERS[0] ?? ["", []];
}

/** From the start of the process to the last byte of its first answer. */
async function benchStart(): Promise<void> {
  const variants = [
    ...SERVERS.slice(0, 2),
    ["emulator, from its sources", [join(root, "emulator/main.ts")]] as const,
  ];
  const times = new Map<string, number[]>(variants.map(([name]) => [name, []]));
  for (let round = 0; round <= rounds + 4; round += 1) {
    for (const [name, args] of shuffled(variants)) {
      const begun = performance.now();
      const server = await start(name, args);
      await createConversation(server);
      // The first round warms up the page cache and this process's fetch.
      if (round > 0) times.get(name)?.push(performance.now() - begun);
      await server.process.stop();
    }
  }
  const rows = variants.map(([name]) => {
    const ms = median(times.get(name) ?? []);
    return [name, ms.toFixed(0), name === "emulator" ? (ms <= 150 ? "kept" : "MISSED") : ""];
  });
  console.log(table(["start of the process to the first answer", "ms", "budget 150"], rows));
}

function medianOf(results: readonly LoadResult[], field: keyof LoadResult): number {
  return median(results.map((result) => result[field]));
}

if (values.help) console.log(HELP);
else await main();
