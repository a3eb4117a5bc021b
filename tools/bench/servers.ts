import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import type { AddressInfo } from "node:net";

/*
 * Servers that the emulator is compared with, each as a process: `node tools/bench/servers.ts store|constant|relay HOOK`. It
 * prints its port and answers until it is killed.
 */

const accountSid = `AC${"a".repeat(32)}`;
const origin = "http://127.0.0.1";

interface Message {
  readonly sid: string;
  readonly index: number;
  readonly body: string;
  readonly author: string;
  readonly date: string;
}

const conversations = new Map<string, Message[]>();
let created = 0;

/** A minimal server: parses the form, stores the messages, answers JSON of the same size. */
async function answerFromStore(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = "", query] = (request.url ?? "").split("?");
  const conversationSid = path.split("/")[3] ?? "";
  if (request.headers.authorization === undefined) return reply(response, 401, { code: 20003 });
  if (path === "/v1/Conversations") {
    conversations.set(nextSid("CH"), []);
    return reply(response, 201, { sid: [...conversations.keys()].at(-1) });
  }
  const messages = conversations.get(conversationSid);
  if (messages === undefined) return reply(response, 404, { code: 20404 });
  if (request.method === "GET") {
    const size = Number(new URLSearchParams(query).get("PageSize") ?? 50);
    const page = messages.slice(0, size).map((message) => present(conversationSid, message));
    const url = `${origin}${path}?PageSize=${size}&Page=0`;
    const meta = {
      page: 0,
      page_size: size,
      first_page_url: url,
      previous_page_url: null,
      url,
      next_page_url: null,
    };
    return reply(response, 200, { meta: { ...meta, key: "messages" }, messages: page });
  }
  const form = new URLSearchParams(await readBody(request));
  const message = {
    sid: nextSid("IM"),
    index: messages.length,
    body: form.get("Body") ?? "",
    author: form.get("Author") ?? "system",
    date: new Date().toISOString(),
  };
  messages.push(message);
  return reply(response, 201, present(conversationSid, message));
}

function present(conversationSid: string, { sid, index, body, author, date }: Message) {
  const url = `${origin}/v1/Conversations/${conversationSid}/Messages/${sid}`;
  return {
    sid,
    account_sid: accountSid,
    conversation_sid: conversationSid,
    body,
    media: null,
    author,
    participant_sid: null,
    attributes: "{}",
    date_created: date,
    date_updated: date,
    index,
    delivery: null,
    content_sid: null,
    url,
    links: { delivery_receipts: `${url}/Receipts`, channel_metadata: `${url}/ChannelMetadata` },
  };
}

function nextSid(prefix: string): string {
  created += 1;
  return prefix + created.toString(16).padStart(32, "0");
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  write(response, status, JSON.stringify(body));
}

function write(response: ServerResponse, status: number, text: string): void {
  const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) };
  response.writeHead(status, headers).end(text);
}

const one = JSON.stringify(present("CH", { sid: "IM", index: 0, body: "x", author: "y", date: "z" }));
const fifty = `[${Array(50).fill(one).join()}]`;

/** Answers every request with the same bytes: the speed of node:http and of the load generator. */
async function answerConstant(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === "GET") return write(response, 200, fifty);
  request.resume();
  return write(response, 201, one.replace('"IM"', '"CH"'));
}

const agent = new Agent({ keepAlive: true });

/** Only the requests of a text and its reply: one webhook for the text, two receipts for the reply. */
async function answerRelay(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request);
  const sid = nextSid("IM");
  reply(response, 201, { sid });
  if (request.url?.startsWith("/_emulator/")) {
    await callHook({ EventType: "onMessageAdded", ConversationSid: "CH", Body: JSON.parse(body).body });
    return;
  }
  for (const status of ["sent", "delivered"])
    await callHook({ EventType: "onDeliveryUpdated", MessageSid: sid, Status: status });
}

function callHook(fields: Record<string, string>): Promise<void> {
  const form = new URLSearchParams(fields).toString();
  const headers = { "Content-Type": "application/x-www-form-urlencoded", "Content-Length": form.length };
  return new Promise((resolve, reject) => {
    const outgoing = send(process.argv[3] ?? "", { method: "POST", agent, headers }, (incoming) => {
      incoming.resume().on("end", resolve);
    });
    outgoing.on("error", reject);
    outgoing.end(form);
  });
}

const answers = new Map([
  ["constant", answerConstant],
  ["relay", answerRelay],
]);
const answer = answers.get(process.argv[2] ?? "") ?? answerFromStore;
const server = createServer((request, response) => void answer(request, response));
server.listen(0, "127.0.0.1", () =>
  console.log(JSON.stringify({ url: `${origin}:${(server.address() as AddressInfo).port}` })),
);
