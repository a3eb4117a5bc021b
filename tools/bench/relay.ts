import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { root } from "../../infra/endpoints.ts";
import { buildEmulator } from "../build/emulator.ts";
import { type NodeProcess, startNode } from "../local/process.ts";
import { endProgress, showProgress } from "../progress.ts";
import { table } from "../table.ts";
import { median, shuffled } from "./median.ts";

await buildEmulator();

const HELP = `npm run bench:relay [-- --rounds N]

Measures a round trip: a text from a phone, its webhook, a reply by REST, the reply's delivery receipt when it has reached
the phone; with 1, 100 and 10,000 open conversations, compared with a bare node:http server that sends the same requests and
does nothing else. Ten texts are in flight at any time. Prints medians of shuffled rounds.

  --rounds N   Rounds to take the median of (5)`;

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, help: { type: "boolean" } },
});
const rounds = Math.max(1, Number(values.rounds) || 5);
const textsPerRound = 1_000;
/** The share of the bare server's rate with 100 open conversations. */
const BUDGET = 0.25;
const underWay = 10;

const agent = new Agent({ keepAlive: true });

/** A server process that receives texts from phones, with its conversations. */
interface Relay {
  readonly name: string;
  readonly process: NodeProcess;
  readonly url: string;
  readonly authorization: string;
  readonly smsNumber: string;
}

/** Milliseconds from a text to the receipt of its reply, and round trips per second. */
interface Result {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

function post(url: string, type: "json" | "x-www-form-urlencoded", body: string, authorization = "") {
  return new Promise<string>((resolve, reject) => {
    const headers = {
      "Content-Type": `application/${type}`,
      "Content-Length": Buffer.byteLength(body),
      ...omitUndefined({ Authorization: authorization === "" ? undefined : `Basic ${authorization}` }),
    };
    const outgoing = request(url, { method: "POST", agent, headers }, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      incoming.on("end", () => {
        if (incoming.statusCode === 201 || incoming.statusCode === 200) resolve(text);
        else reject(new Error(`${url}: ${incoming.statusCode} ${text}`));
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** Answers every text with a reply, and reports receipts. */
class Replier {
  readonly #server = createServer((incoming, response) => {
    let body = "";
    incoming.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    incoming.on("end", () => {
      response.end();
      this.#hear(new URLSearchParams(body)).catch((error: unknown) => this.#fail(error));
    });
  });
  /** The text of each reply, and replies whose receipt arrived before their text was known. */
  readonly #replies = new Map<string, string>();
  readonly #early = new Set<string>();
  readonly #waiting = new Map<string, { resolve: () => void; reject: (error: unknown) => void }>();
  relay: Relay | undefined;

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Resolves when the reply to this text was delivered. */
  replied(text: string): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.set(text, { resolve, reject }));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #hear(fields: URLSearchParams): Promise<void> {
    if (fields.get("EventType") === "onDeliveryUpdated") {
      if (fields.get("Status") === "delivered") this.#arrive(fields.get("MessageSid") ?? "");
      return;
    }
    if (this.relay === undefined) return;
    const text = fields.get("Body") ?? "";
    const url = `${this.relay.url}/v1/Conversations/${fields.get("ConversationSid")}/Messages`;
    const reply = await post(url, "x-www-form-urlencoded", `Body=re+${text}`, this.relay.authorization);
    const { sid } = JSON.parse(reply);
    this.#replies.set(sid, text);
    if (this.#early.delete(sid)) this.#arrive(sid);
  }

  #arrive(messageSid: string): void {
    const text = this.#replies.get(messageSid);
    if (text === undefined) {
      this.#early.add(messageSid);
      return;
    }
    this.#replies.delete(messageSid);
    this.#waiting.get(text)?.resolve();
    this.#waiting.delete(text);
  }

  #fail(error: unknown): void {
    for (const { reject } of this.#waiting.values()) reject(error);
  }
}

async function start(name: string, args: readonly string[]): Promise<Relay> {
  const child = await startNode(args, { env: {}, isReady: (line) => line.startsWith("{") });
  const { url, accountSid = "AC", authToken = "", smsNumber = "+1" } = JSON.parse(child.readyLine);
  const authorization = Buffer.from(`${accountSid}:${authToken}`).toString("base64");
  return { name, process: child, url, authorization, smsNumber };
}

const phone = (index: number) => `+1555${String(2_000_000 + index)}`;

/** Creates conversations of one phone each, from number `from` up to `count`. */
async function open(relay: Relay, from: number, count: number): Promise<void> {
  const create = (path: string, fields: Record<string, string>) => {
    const form = new URLSearchParams(fields).toString();
    return post(`${relay.url}${path}`, "x-www-form-urlencoded", form, relay.authorization);
  };
  let next = from;
  const worker = async () => {
    while (next < count) {
      const address = phone(next);
      next += 1;
      const { sid } = JSON.parse(await create("/v1/Conversations", {}));
      await create(`/v1/Conversations/${sid}/Participants`, {
        "MessagingBinding.Address": address,
        "MessagingBinding.ProxyAddress": relay.smsNumber,
      });
    }
  };
  await Promise.all(Array.from({ length: underWay }, worker));
}

/** Sends texts from the phones in turn. */
async function run(relay: Relay, replier: Replier, conversations: number, round: number): Promise<Result> {
  const latencies: number[] = [];
  let number = 0;
  replier.relay = relay;
  const worker = async () => {
    while (number < textsPerRound) {
      const index = number;
      number += 1;
      const text = `${round}.${index}`;
      const replied = replier.replied(text);
      const begun = performance.now();
      const from = encodeURIComponent(phone(index % conversations));
      const body = JSON.stringify({ to: relay.smsNumber, body: text });
      await Promise.all([post(`${relay.url}/_emulator/phones/${from}/messages`, "json", body), replied]);
      latencies.push(performance.now() - begun);
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: underWay }, worker));
  const perSecond = (latencies.length / (performance.now() - begun)) * 1000;
  latencies.sort((a, b) => a - b);
  const quantile = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { perSecond, p50: quantile(0.5), p99: quantile(0.99) };
}

async function main(): Promise<void> {
  const replier = new Replier();
  const hook = await replier.listen();
  const emulator = await start("emulator", [join(root, "dist/emulator.cjs")]);
  const bare = await start("bare node:http", [join(root, "tools/bench/servers.ts"), "relay", hook]);
  try {
    const targets = new URLSearchParams([
      ["PostWebhookUrl", hook],
      ["Filters", "onMessageAdded"],
      ["Filters", "onDeliveryUpdated"],
    ]);
    const configuration = `${emulator.url}/v1/Configuration/Webhooks`;
    await post(configuration, "x-www-form-urlencoded", targets.toString(), emulator.authorization);
    const rows: string[][] = [];
    let opened = 0;
    for (const conversations of [1, 100, 10_000]) {
      showProgress(`${conversations.toLocaleString("en")} open conversations …`);
      await open(emulator, opened, conversations);
      opened = conversations;
      rows.push(...(await compare(emulator, bare, replier, conversations)));
    }
    endProgress();
    const titles = [
      "text → webhook → reply → phone",
      "open",
      "per second",
      "p50 ms",
      "p99 ms",
      "of bare",
      `budget ${BUDGET}`,
    ];
    console.log(table(titles, rows));
  } finally {
    replier.close();
    agent.destroy();
    await Promise.all([emulator.process.stop(), bare.process.stop()]);
  }
}

async function compare(
  emulator: Relay,
  bare: Relay,
  replier: Replier,
  conversations: number,
): Promise<string[][]> {
  const results = new Map<Relay, Result[]>([
    [emulator, []],
    [bare, []],
  ]);
  for (let round = 0; round <= rounds; round += 1) {
    for (const relay of shuffled([...results.keys()])) {
      const result = await run(relay, replier, conversations, round);
      // The first round warms up both.
      if (round > 0) results.get(relay)?.push(result);
    }
  }
  const middle = (relay: Relay, field: keyof Result) =>
    median((results.get(relay) ?? []).map((result) => result[field]));
  const share = (relay: Relay) => middle(relay, "perSecond") / middle(bare, "perSecond");
  return [emulator, bare].map((relay) => [
    relay.name,
    conversations.toLocaleString("en"),
    Math.round(middle(relay, "perSecond")).toLocaleString("en"),
    middle(relay, "p50").toFixed(2),
    middle(relay, "p99").toFixed(2),
    share(relay).toFixed(2),
    relay === emulator && conversations === 100 ? (share(relay) >= BUDGET ? "kept" : "MISSED") : "",
  ]);
}

if (values.help) console.log(HELP);
else await main();
