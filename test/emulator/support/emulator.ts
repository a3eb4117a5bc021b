import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import type { PhoneMessage } from "../../../emulator/channels/phones.ts";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../../emulator/emulator.ts";
import type { WebhookAttempt } from "../../../emulator/webhooks/dispatcher.ts";
import { clientOf } from "./client.ts";
import { type Receiver, type Respond, startReceiver } from "./receiver.ts";
import { closeStored } from "./stored.ts";

/** The moment at which the clock of every test stands. */
export const startTime = Date.parse("2026-01-05T10:00:00Z");

/** An answer as it came, with its JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** An account in an emulator, with the official client, the control API and webhook receivers. */
export class TestAccount {
  readonly emulator: Emulator;
  readonly client: ReturnType<typeof clientOf>;
  /** What the emulator logged as a defect of its own; if there is any, the test fails. */
  readonly defects: readonly string[];
  /** They are closed with the emulator. */
  readonly #receivers: Receiver[] = [];

  /** Where the emulator keeps its state, if it does: it is compared on closing. */
  readonly #directory: string | undefined;

  constructor(emulator: Emulator, defects: readonly string[] = [], directory?: string) {
    this.emulator = emulator;
    this.#directory = directory;
    this.defects = defects;
    this.client = clientOf(emulator);
  }

  /** Conversations of the default service. */
  get conversations() {
    return this.client.conversations.v1.conversations;
  }

  async receiver(respond?: Respond): Promise<Receiver> {
    const receiver = await startReceiver(respond);
    this.#receivers.push(receiver);
    return receiver;
  }

  /** Creates a conversation. The context does what instances that were just created cannot: they lack their SID. */
  async conversation(params?: Parameters<typeof this.conversations.create>[0]) {
    const { sid } =
      params === undefined ? await this.conversations.create() : await this.conversations.create(params);
    return this.conversations(sid);
  }

  /** A content template in the Content API's own JSON, and what WhatsApp says to it. Returns its SID. */
  async template(types: Record<string, unknown>, status?: string, variables: Record<string, string> = {}) {
    const body = { friendly_name: "a_template", language: "en", variables, types };
    const { sid } = await this.client.content.v1.contents.create(body as never);
    if (status === undefined) return sid;
    const answer = await this.control("POST", `/content/${sid}/approval`, { status });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return sid;
  }

  /** Has messages of strangers to the account's SMS number make conversations. */
  async autocreate(rule: Record<string, unknown> = {}): Promise<void> {
    const { smsNumber: address } = this.emulator;
    const { addressConfigurations } = this.client.conversations.v1;
    await addressConfigurations.create({ type: "sms", address, "autoCreation.enabled": true, ...rule });
  }

  /** A request to the control API. */
  control(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return this.#send(
      `${this.emulator.controlUrl}${path}`,
      text === undefined ? { method } : { method, body: text },
    );
  }

  /** Adds a fault, and returns its id. */
  async fault(rule: Record<string, unknown>): Promise<string> {
    const { status, body } = await this.control("POST", "/faults", rule);
    expect(status, JSON.stringify(body)).toBe(201);
    return String(body.id);
  }

  /** Every fault, with the numbers of matches and injections. */
  async faults(): Promise<Record<string, unknown>[]> {
    const { body } = await this.control("GET", "/faults");
    return body.faults as Record<string, unknown>[];
  }

  /** The timeline's entries of injected faults, in order. */
  async injections(): Promise<Record<string, unknown>[]> {
    const { body } = await this.control("GET", "/timeline");
    return (body.timeline as Record<string, unknown>[]).filter(({ kind }) => kind === "fault");
  }

  /** A request to the REST API with the account's credentials, for what the official client would not send. */
  rest(method: string, path: string, form = "", headers: Record<string, string> = {}): Promise<Answer> {
    const { url, accountSid, authToken } = this.emulator;
    const Authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    const type = { "Content-Type": "application/x-www-form-urlencoded" };
    const init = { method, headers: { Authorization, ...type, ...headers } };
    return this.#send(`${url}${path}`, method === "GET" ? init : { ...init, body: form });
  }

  /** A person sends a message from a phone, and everything that follows happens. */
  async send(from: string, to: string, message: string | Record<string, unknown>): Promise<Answer["body"]> {
    const fields = typeof message === "string" ? { body: message } : message;
    const { status, body } = await this.control("POST", `/phones/${encodeURIComponent(from)}/messages`, {
      to,
      ...fields,
    });
    expect(status, JSON.stringify(body)).toBe(201);
    await this.emulator.settle();
    return body;
  }

  /** What a phone shows. */
  async inbox(address: string): Promise<PhoneMessage[]> {
    const { body } = await this.control("GET", `/phones/${encodeURIComponent(address)}/messages`);
    return body.messages as PhoneMessage[];
  }

  /** Every webhook so far. */
  async webhooks(): Promise<WebhookAttempt[]> {
    const { body } = await this.control("GET", "/webhooks");
    return body.webhooks as WebhookAttempt[];
  }

  async close(): Promise<void> {
    if (this.#directory === undefined) await this.emulator.close();
    else await closeStored(this.emulator, this.#directory);
    await Promise.all(this.#receivers.map((receiver) => receiver.close()));
  }

  async #send(url: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(url, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) };
  }
}

/**
 * Starts an emulator for each test of the file: `current`. Unless told otherwise its clock is manual and
 * participants join at once. Unless `isStored` is false, its state is kept in a directory, which must hold all of it in the end.
 */
export function useAccount(
  options: EmulatorOptions = {},
  { isStored = true } = {},
): { readonly current: TestAccount } {
  let account: TestAccount | undefined;
  let directory: string | undefined;
  beforeEach(async () => {
    const defects: string[] = [];
    const log = (line: string) => {
      if (line.startsWith("defect: ")) defects.push(line);
      options.log?.(line);
    };
    directory = isStored ? mkdtempSync(join(tmpdir(), "emulator-")) : undefined;
    const data = directory === undefined ? {} : { data: directory };
    const settings = { clock: "manual", startTime, joining: 0, ...data, ...options, log } as const;
    account = new TestAccount(await startEmulator(settings), defects, directory);
  });
  afterEach(async () => {
    await account?.close().finally(() => {
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
    });
    expect(account?.defects).toEqual([]);
  });
  return {
    get current() {
      if (account === undefined) throw new Error("The account exists only inside a test");
      return account;
    },
  };
}

/** The status and code with which a call of the official client is refused. */
export async function rejection(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Error && "status" in error && "code" in error) return `${error.status}/${error.code}`;
  throw new Error("The call was not refused", { cause: error });
}
