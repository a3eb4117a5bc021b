import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { WebSocket } from "ws";
import { root } from "../../infra/endpoints.ts";
import { buildEmulator } from "../build/emulator.ts";
import type { EmulatorInfo } from "../local/local.ts";
import { startNode } from "../local/process.ts";
import { table } from "../table.ts";
import { median } from "./median.ts";
import { Api } from "./rest.ts";
import { SdkClient } from "./sdk-client.ts";

await buildEmulator();

const HELP = `npm run bench:realtime [-- --clients N --messages N --history N --conversations N]

Measures the emulator's realtime side: a message to many clients of one conversation, compared with a bare broadcast of the
same bytes with ws in the same run; a page of a short and of a long conversation's history; and the sign-in of a user with
many conversations.

  --clients N        Clients of the conversation, at most 1000 (1000)
  --messages N       Messages sent to them (30)
  --history N        Messages in the long conversation (100000)
  --conversations N  Conversations of the user who signs in (10000)`;

const options = {
  clients: { type: "string", default: "1000" },
  messages: { type: "string", default: "30" },
  history: { type: "string", default: "100000" },
  conversations: { type: "string", default: "10000" },
  help: { type: "boolean" },
} as const;
const { values } = parseArgs({ options });

async function main(): Promise<void> {
  if (values.help) {
    console.log(HELP);
    return;
  }
  const isReady = (line: string) => line.startsWith("{");
  const emulator = await startNode([join(root, "dist/emulator.cjs")], { env: {}, isReady });
  const baseline = await startNode([join(root, "tools/bench/broadcast.ts")], { env: {}, isReady });
  try {
    const api = new Api(JSON.parse(emulator.readyLine) as EmulatorInfo);
    await benchBroadcast(api, (JSON.parse(baseline.readyLine) as { url: string }).url);
    await benchHistory(api, Number(values.history));
    await benchSignIn(api, Number(values.conversations));
  } finally {
    await Promise.all([emulator.stop(), baseline.stop()]);
  }
}

/** The time from the request that sends a message until a client receives it, for every client and message. */
async function benchBroadcast(api: Api, bareUrl: string): Promise<void> {
  const clients = Math.min(Number(values.clients), 1000);
  const messages = Number(values.messages);
  const { sid } = await api.post("/v1/Conversations");
  const sdks: SdkClient[] = [];
  for (let i = 0; i < clients; i += 1) {
    const identity = `user${i}`;
    await api.post(`/v1/Conversations/${sid}/Participants`, { Identity: identity });
    sdks.push(await subscribe(await SdkClient.signIn(api.info, identity), sid));
  }
  let packet = "";
  const toSdks = await measure(messages, (arrived) => {
    for (const sdk of sdks)
      sdk.told = (told) => {
        if (!told.includes("list_item_added")) return;
        packet = told;
        arrived();
      };
    return { count: clients, send: () => api.post(`/v1/Conversations/${sid}/Messages`, { Body: "to all" }) };
  });
  const sockets = await Promise.all(Array.from({ length: clients }, () => openBare(bareUrl)));
  const bare = await measure(messages, (arrived) => {
    for (const socket of sockets) {
      let isSecond = false;
      socket.on("message", (data: Buffer) => {
        // The same work as for an SDK, which gets two notifications for a message and parses them.
        if (!isSecond && data.toString("utf8").includes("list_item_added")) arrived();
        isSecond = !isSecond;
      });
    }
    return { count: clients, send: () => fetch(bareUrl, { method: "POST", body: packet }) };
  });
  for (const sdk of sdks) sdk.close();
  for (const socket of sockets) socket.terminate();
  const row = (name: string, times: readonly number[]) => [
    name,
    ms(quantile(times, 0.5)),
    ms(quantile(times, 0.99)),
  ];
  const title = `a message to ${clients} clients`;
  console.log(table([title, "p50", "p99"], [row("emulator", toSdks), row("bare ws", bare)]));
}

async function subscribe(sdk: SdkClient, sid: string): Promise<SdkClient> {
  const [list, document] = [`ES${sid.slice(2)}`, `ET${sid.slice(2)}`];
  await sdk.ask("GET", `/v3/Lists/${list}`);
  await sdk.ask("GET", `/v3/Documents/${document}`);
  const requests = [
    { object_sid: list, object_type: "list", last_event_id: null },
    { object_sid: document, object_type: "document", last_event_id: null },
  ];
  await sdk.ask("POST", "/v4/Subscriptions", {}, { action: "establish", correlation_id: 1, requests });
  return sdk;
}

async function openBare(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url.replace("http:", "ws:"));
  await once(socket, "open");
  return socket;
}

/** Milliseconds until each of the receivers has each message, one message after the other. */
async function measure(
  messages: number,
  prepare: (arrived: () => void) => { readonly count: number; readonly send: () => Promise<unknown> },
): Promise<readonly number[]> {
  const times: number[] = [];
  let begun = 0;
  let all: () => void = () => {};
  let left = 0;
  const { count, send } = prepare(() => {
    times.push(performance.now() - begun);
    left -= 1;
    if (left === 0) all();
  });
  for (let i = 0; i < messages; i += 1) {
    left = count;
    const arrived = new Promise<void>((resolve) => {
      all = resolve;
    });
    begun = performance.now();
    await Promise.all([send(), arrived]);
  }
  return times;
}

/** The latest page of a conversation's messages, requested as an SDK does. */
async function benchHistory(api: Api, many: number): Promise<void> {
  const sdk = await SdkClient.signIn(api.info, "reader");
  const rows: string[][] = [];
  for (const count of [1000, many]) {
    const { sid } = await api.post("/v1/Conversations");
    await api.post(`/v1/Conversations/${sid}/Participants`, { Identity: "reader" });
    await api.fill(sid, count);
    const times: number[] = [];
    for (let i = 0; i < 200; i += 1) {
      const begun = performance.now();
      const params = { Order: "desc", PageSize: "30", From: String(Math.floor(count / 2)) };
      const { items } = await sdk.ask("GET", `/v3/Lists/ES${sid.slice(2)}/Items`, params);
      if (items.length !== 30) throw new Error("The page is incomplete");
      times.push(performance.now() - begun);
    }
    rows.push([`of ${count} messages`, ms(median(times)), ms(quantile(times, 0.99))]);
  }
  sdk.close();
  console.log(`\n${table(["a page of 30 from the middle", "p50", "p99"], rows)}`);
}

/** The time until a user has the list of all their conversations. */
async function benchSignIn(api: Api, conversations: number): Promise<void> {
  const make = async (isOpen: boolean) => {
    const { sid } = await api.post("/v1/Conversations");
    await api.post(`/v1/Conversations/${sid}/Participants`, { Identity: "busy" });
    // An identity can be in at most 1000 conversations that are not closed.
    if (!isOpen) await api.post(`/v1/Conversations/${sid}`, { State: "closed" });
  };
  for (let i = 0; i < conversations; i += 10)
    await Promise.all(Array.from({ length: 10 }, () => make(i < 900)));
  const begun = performance.now();
  const sdk = await SdkClient.signIn(api.info, "busy");
  const { sync_objects } = await sdk.ask("GET", "/Client/v2/Configuration");
  await sdk.ask("GET", `/v3/Maps/${sync_objects.my_user_info}`, { Include: "items" });
  await sdk.ask("GET", `/v3/Maps/${sync_objects.my_conversations}`);
  const ready = performance.now() - begun;
  let count = 0;
  let token: string | null = null;
  do {
    const page = await sdk.ask(
      "GET",
      "/Client/v2/MyConversations",
      token === null ? {} : { PageToken: token },
    );
    count += page.conversations.length;
    token = page.meta.next_token;
  } while (token !== null);
  const listed = performance.now() - begun;
  sdk.close();
  const rows = [[`of ${count} conversations`, ms(ready), ms(listed)]];
  console.log(`\n${table(["sign-in of a user", "initialized", "all listed"], rows)}`);
}

function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
}

function ms(time: number): string {
  return `${time.toFixed(1)} ms`;
}

await main();
