import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { hashPassword } from "../../core/access/password.ts";
import { type Endpoint, root } from "../../infra/endpoints.ts";
import type { EmulatorInfo } from "../local/local.ts";
import { startNode } from "../local/process.ts";
import { exampleOf, textFieldsOf } from "../reference/example.ts";
import type { Fields, JobRequest } from "./programs.ts";

/**
 * The shortest real job of an endpoint: creates what it needs, which is not measured, and returns the fields of the request.
 */
export type Job = (twilio: Twilio) => Promise<Fields>;

/** The emulator in a process of its own, with initial data. */
export interface Twilio {
  readonly info: EmulatorInfo;
  /** Settings with which every handler has work to do. */
  readonly variables: Fields;
  /** The URL of a file for `media/send`. */
  readonly fileUrl: string;
  /** With the chat user `alice` and two people by number. */
  readonly groupSid: string;
  /** Creates a resource below the service. @returns its SID. */
  create(path: string, form?: Fields): Promise<string>;
  /** An approved template. */
  readonly contentSid: string;
  /** Sends a text from a WhatsApp address to the account's sender. */
  sendText(from: string, body: string): Promise<void>;
  /** Resolves to the first webhook request from the emulator, past or future, with fields that `isWanted` accepts. */
  event(isWanted: (fields: URLSearchParams) => boolean): Promise<JobRequest>;
  /** How many requests the emulator has answered. */
  answered(): Promise<number>;
  stop(): Promise<void>;
}

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const PASSWORD = "correct horse battery staple";
const [ANN, BOB] = ["+15558675310", "+15558675311"];

/** Starts the emulator, and a server with a file for `media/send` that also receives webhooks and the events for the queue. */
export async function startTwilio(): Promise<Twilio> {
  const emulator = await startNode([join(root, "dist/emulator.cjs")], {
    env: {},
    isReady: (line) => line.startsWith("{"),
  });
  const info = JSON.parse(emulator.readyLine) as EmulatorInfo;
  const events = new Events();
  const server = createServer(async (request, response) => {
    if (request.method === "GET") {
      response.writeHead(200, { "content-type": "image/png" }).end(PNG);
      return;
    }
    await events.receive(request);
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const authorization = authorizationOf(info);

  async function create(path: string, form: Fields = {}): Promise<string> {
    const response = await fetch(`${info.url}/v1/Services/${info.chatServiceSid}/${path}`, {
      method: "POST",
      headers: { authorization },
      body: new URLSearchParams(form),
    });
    const body = (await response.json()) as { sid: string };
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(body)}`);
    return body.sid;
  }

  const groupSid = await create("Conversations");
  const members: Fields[] = [
    { Identity: "alice", "MessagingBinding.ProjectedAddress": info.smsNumber },
    { "MessagingBinding.Address": ANN },
    { "MessagingBinding.Address": BOB },
  ];
  for (const member of members) await create(`Conversations/${groupSid}/Participants`, member);
  return {
    info,
    variables: await variablesFor(info, origin),
    fileUrl: `${origin}/file`,
    groupSid,
    create,
    contentSid: await createTemplate(info),
    async sendText(from, body) {
      const url = `${info.controlUrl}/phones/${encodeURIComponent(from)}/messages`;
      await postJson(url, { to: info.whatsappNumber, body });
    },
    event: (isWanted) => events.next(isWanted),
    async answered() {
      const response = await fetch(`${info.controlUrl}/timeline`);
      const { timeline } = (await response.json()) as { timeline: readonly { kind: string }[] };
      return timeline.filter(({ kind }) => kind === "request").length;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await emulator.stop();
    },
  };
}

/** Webhook requests from the emulator that no job has taken. */
class Events {
  readonly #received: JobRequest[] = [];
  readonly #arrivals = new EventEmitter();

  async receive(request: IncomingMessage): Promise<void> {
    const body = await text(request);
    const query = request.url?.split("?")[1] ?? "";
    const fields = Object.fromEntries([...new URLSearchParams(query), ...new URLSearchParams(body)]);
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      "x-twilio-signature": String(request.headers["x-twilio-signature"]),
    };
    this.#received.push({ headers, fields, query, body });
    this.#arrivals.emit("event");
  }

  async next(isWanted: (fields: URLSearchParams) => boolean): Promise<JobRequest> {
    for (;;) {
      const index = this.#received.findIndex(({ body }) => isWanted(new URLSearchParams(body)));
      const [event] = index === -1 ? [] : this.#received.splice(index, 1);
      if (event !== undefined) return event;
      await once(this.#arrivals, "event");
    }
  }
}

async function createTemplate(info: EmulatorInfo): Promise<string> {
  const template = { friendly_name: "soon", language: "en", types: { "twilio/text": { body: "Soon" } } };
  const { sid } = await postJson(`${info.url}/v1/Content`, template, authorizationOf(info));
  await postJson(`${info.controlUrl}/content/${sid}/approval`, { status: "approved" });
  return sid;
}

async function postJson(url: string, body: object, authorization = ""): Promise<{ readonly sid: string }> {
  const headers = { "content-type": "application/json", ...(authorization !== "" && { authorization }) };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { sid: string };
}

const authorizationOf = ({ accountSid, authToken }: EmulatorInfo): string =>
  `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;

const variablesFor = async (info: EmulatorInfo, origin: string): Promise<Fields> => ({
  ACCOUNT_SID: info.accountSid,
  AUTH_TOKEN: info.authToken,
  TWILIO_API_KEY_SID: info.apiKeySid,
  TWILIO_API_KEY_SECRET: info.apiKeySecret,
  CHAT_SERVICE_SID: info.chatServiceSid,
  TWILIO_BASE_URL: info.url,
  JWT_SECRET: "the secret of the issuer of callers' tokens",
  TOKEN_SERVICE_USERS: JSON.stringify({ alice: await hashPassword(PASSWORD) }),
  WHATSAPP_PROXY_ADDRESS: info.whatsappNumber,
  PROXY_ADDRESSES: `${info.smsNumber},${info.whatsappNumber}`,
  MEDIA_ALLOW_HTTP: "true",
  MEDIA_ALLOWED_HOSTS: "127.0.0.1",
  PRE_EVENT_RULES: '{"blockedWords":["viagra"],"removePersonalData":["card"]}',
  CONVERSATION_RESPONDER: '{"answers":[{"keywords":["hours"],"text":"From nine to five."}]}',
  POST_EVENT_REACTIONS: '{"newConversation":{"welcome":"Welcome!"},"archive":"log"}',
  PUBLIC_BASE_URL: origin,
  EVENT_QUEUE_URL: `${origin}/123456789012/events.fifo`,
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  AWS_SESSION_TOKEN: "a session's token",
  AWS_REGION: "eu-central-1",
});

/** A number that no conversation has. */
export const unknownAddress = (): string =>
  `+1555${String(Math.floor(Math.random() * 1e7)).padStart(7, "0")}`;

/** Creates a conversation with a scoped webhook. */
async function withWebhook({ create }: Twilio, filter: string, form: Fields = {}) {
  const conversationSid = await create("Conversations", form);
  const webhookSid = await create(`Conversations/${conversationSid}/Webhooks`, {
    Target: "webhook",
    "Configuration.Url": "http://127.0.0.1:1/",
    "Configuration.Filters": filter,
  });
  return { conversationSid, webhookSid };
}

async function question(twilio: Twilio): Promise<Fields> {
  const { conversationSid, webhookSid } = await withWebhook(twilio, "onMessageRemoved");
  const event = { EventType: "onMessageAdded", ConversationSid: conversationSid, WebhookSid: webhookSid };
  const MessageSid = `IM${conversationSid.slice(2)}`;
  return { ...event, MessageSid, Author: ANN, Source: "SMS", Body: "Your hours?" };
}

/** Creates a conversation with a person on WhatsApp who has just written. */
export async function whatsappConversation({
  create,
  info,
  sendText,
}: Twilio): Promise<{ readonly conversationSid: string }> {
  const person = `whatsapp:${unknownAddress()}`;
  const conversationSid = await create("Conversations");
  await create(`Conversations/${conversationSid}/Participants`, {
    "MessagingBinding.Address": person,
    "MessagingBinding.ProxyAddress": info.whatsappNumber,
  });
  await sendText(person, "Where is it?");
  return { conversationSid };
}

async function memberOf({ create }: Twilio): Promise<Fields> {
  const conversationSid = await create("Conversations");
  await create(`Conversations/${conversationSid}/Participants`, { Identity: "bob" });
  return { conversationSid, identity: "bob" };
}

/** Not a member of the group text, which other jobs need. */
async function leavingPerson({ create }: Twilio): Promise<Fields> {
  const identity = `erased-${randomUUID()}`;
  const conversationSid = await create("Conversations");
  await create(`Conversations/${conversationSid}/Participants`, { Identity: identity });
  return { identity };
}

async function sentText({ create }: Twilio): Promise<Fields> {
  const conversationSid = await create("Conversations");
  const messageSid = await create(`Conversations/${conversationSid}/Messages`, { Body: "Soon" });
  return { conversationSid, messageSid };
}

/**
 * The job of an endpoint: the example call of its page, in a new conversation, unless {@link EXCEPTIONS} has another one.
 */
export const jobOf = (endpoint: Endpoint): Job => EXCEPTIONS.get(endpoint.name) ?? exampleJob(endpoint);

const exampleJob =
  (endpoint: Endpoint): Job =>
  async ({ create }) => {
    const fields = textFieldsOf(exampleOf(endpoint));
    const key = ["conversationSid", "ConversationSid"].find((name) => Object.hasOwn(fields, name));
    return key === undefined ? fields : { ...fields, [key]: await create("Conversations") };
  };

/**
 * Jobs that need more than an empty conversation. The group text exists already: a new one would have to wait until its
 * members have joined.
 */
export const EXCEPTIONS: ReadonlyMap<string, Job> = new Map<string, Job>([
  [
    "conversations/connect",
    async () => ({ address: unknownAddress(), otherAddress: `whatsapp:${unknownAddress()}`, body: "Hello" }),
  ],
  ["conversations/detach-webhooks", (twilio) => withWebhook(twilio, "onMessageRemoved")],
  ["conversations/remove-participant", memberOf],
  ["group-mms/add-participant", async ({ groupSid }) => ({ conversationSid: groupSid, address: ANN })],
  [
    "group-mms/create",
    async ({ info }) => ({ addresses: `${ANN},${BOB}`, projectedAddress: info.smsNumber, identity: "alice" }),
  ],
  [
    "group-mms/transfer",
    async ({ info, groupSid }) => ({
      conversationSid: groupSid,
      projectedAddress: info.smsNumber,
      identity: "alice",
    }),
  ],
  [
    "media/send",
    async ({ create, fileUrl }) => ({ conversationSid: await create("Conversations"), url: fileUrl }),
  ],
  ["messages/status", sentText],
  ["token-service", async () => ({ identity: "alice", password: PASSWORD })],
  ["users/erase", leavingPerson],
  ["users/read", memberOf],
  ["webhooks/conversation", question],
  [
    "webhooks/post-event",
    async ({ create, info }) => ({
      EventType: "onConversationAdded",
      ConversationSid: await create("Conversations"),
      Source: "API",
      State: "active",
      AccountSid: info.accountSid,
      RetryCount: "0",
    }),
  ],
  [
    "whatsapp/opt-in",
    async () => ({
      invitee: `whatsapp:${unknownAddress()}`,
      inviter: `whatsapp:${unknownAddress()}`,
      inviteBody: "May we?",
      connectBody: "Hello",
    }),
  ],
  ["whatsapp/send", async (twilio) => ({ ...(await whatsappConversation(twilio)), body: "Soon" })],
]);
