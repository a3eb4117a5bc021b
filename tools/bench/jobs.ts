import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { hashPassword } from "../../core/access/password.ts";
import { type Endpoint, root } from "../../infra/endpoints.ts";
import type { EmulatorInfo } from "../local/local.ts";
import { startNode } from "../local/process.ts";
import { exampleOf, textFieldsOf } from "../reference/example.ts";

/** The fields of a request. */
export type Fields = Readonly<Record<string, string>>;

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
  /** How many requests the emulator has answered. */
  answered(): Promise<number>;
  stop(): Promise<void>;
}

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const PASSWORD = "correct horse battery staple";
const [ANN, BOB] = ["+15558675310", "+15558675311"];

/** Starts the emulator, and a server with a file for `media/send` that also receives the events for the queue. */
export async function startTwilio(): Promise<Twilio> {
  const emulator = await startNode([join(root, "dist/emulator.cjs")], {
    env: {},
    isReady: (line) => line.startsWith("{"),
  });
  const info = JSON.parse(emulator.readyLine) as EmulatorInfo;
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "image/png" }).end(request.method === "GET" ? PNG : "{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const authorization = `Basic ${Buffer.from(`${info.accountSid}:${info.authToken}`).toString("base64")}`;

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
  EVENT_QUEUE_URL: `${origin}/123456789012/events.fifo`,
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  AWS_SESSION_TOKEN: "a session's token",
  AWS_REGION: "eu-central-1",
});

/** An unknown address. */
const anybody = (): string => `+1555${String(Math.floor(Math.random() * 1e7)).padStart(7, "0")}`;

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

async function reply(twilio: Twilio): Promise<Fields> {
  const invitee = `whatsapp:${anybody()}`;
  const optIn = {
    madeBy: "bench",
    invitee,
    inviter: `whatsapp:${ANN}`,
    language: "en",
    connect: { body: "You're connected." },
    texts: {},
    words: { yes: [], no: [] },
  };
  const Attributes = JSON.stringify({ whatsappOptIn: optIn });
  const { conversationSid, webhookSid } = await withWebhook(twilio, "onMessageRemoved", { Attributes });
  const messages = `Conversations/${conversationSid}/Messages`;
  await twilio.create(messages, { Body: "May we?", Attributes: '{"whatsappOptIn":"invite"}' });
  const MessageSid = await twilio.create(messages, { Author: invitee, Body: "Yes" });
  const event = { EventType: "onMessageAdded", ConversationSid: conversationSid, MessageSid };
  return { ...event, WebhookSid: webhookSid, Author: invitee, Source: "WHATSAPP" };
}

async function receipt(twilio: Twilio): Promise<Fields> {
  const { conversationSid, webhookSid } = await withWebhook(twilio, "onDeliveryUpdated");
  const followUp = { webhookSid, template: { contentSid: `HX${"0".repeat(32)}` }, receipts: 0 };
  const message = { Body: "Soon", Attributes: JSON.stringify({ whatsappFollowUp: followUp }) };
  const MessageSid = await twilio.create(`Conversations/${conversationSid}/Messages`, message);
  return {
    EventType: "onDeliveryUpdated",
    ConversationSid: conversationSid,
    MessageSid,
    Status: "delivered",
  };
}

async function question(twilio: Twilio): Promise<Fields> {
  const { conversationSid, webhookSid } = await withWebhook(twilio, "onMessageRemoved");
  const event = { EventType: "onMessageAdded", ConversationSid: conversationSid, WebhookSid: webhookSid };
  const MessageSid = `IM${conversationSid.slice(2)}`;
  return { ...event, MessageSid, Author: ANN, Source: "SMS", Body: "Your hours?" };
}

async function whatsappText({ create, info }: Twilio): Promise<Fields> {
  const person = `whatsapp:${anybody()}`;
  const conversationSid = await create("Conversations");
  await create(`Conversations/${conversationSid}/Participants`, {
    "MessagingBinding.Address": person,
    "MessagingBinding.ProxyAddress": info.whatsappNumber,
  });
  await create(`Conversations/${conversationSid}/Messages`, { Author: person, Body: "Where is it?" });
  return { conversationSid, body: "Soon" };
}

async function memberOf({ create }: Twilio): Promise<Fields> {
  const conversationSid = await create("Conversations");
  await create(`Conversations/${conversationSid}/Participants`, { Identity: "bob" });
  return { conversationSid, identity: "bob" };
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
    async () => ({ address: anybody(), otherAddress: `whatsapp:${anybody()}`, body: "Hello" }),
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
      invitee: `whatsapp:${anybody()}`,
      inviter: `whatsapp:${anybody()}`,
      inviteBody: "May we?",
      connectBody: "Hello",
    }),
  ],
  ["whatsapp/opt-in-reply", reply],
  ["whatsapp/send", whatsappText],
  ["whatsapp/send-receipt", receipt],
]);
