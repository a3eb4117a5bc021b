import type { Emulator } from "../../../emulator/emulator.ts";
import { clientOf } from "../../emulator/support/client.ts";
import { type RawAnswer, type RawRequest, send } from "../send.ts";

type Client = ReturnType<typeof clientOf>;

/** The resources that exist in both path families. */
export type Api = Pick<
  Client["conversations"]["v1"],
  "conversations" | "conversationWithParticipants" | "participantConversations" | "roles" | "users"
>;

/** A person's number in the scenarios. */
export const personNumber = "+15558675310";

/** The context of a scenario: a new emulator behind a recorder, with the official client. */
export class ScenarioContext {
  readonly emulator: Emulator;
  readonly client: Client;
  /** One of the two path families, for scenarios of operations in both. */
  readonly api: Api;
  /** The service that {@link api} works in. */
  readonly serviceSid: string;
  /** The URL of the recorder. */
  readonly #url: string;

  constructor(emulator: Emulator, url: string, serviceSid: string | undefined) {
    this.emulator = emulator;
    this.#url = url;
    this.client = this.as(emulator.accountSid, emulator.authToken);
    const { v1 } = this.client.conversations;
    // The package has two sets of classes for the two families; the members used here are the same.
    this.api = serviceSid === undefined ? v1 : (v1.services(serviceSid) as unknown as Api);
    this.serviceSid = serviceSid ?? emulator.chatServiceSid;
  }

  /** An official client with other credentials. */
  as(accountSid: string, authToken: string): Client {
    return clientOf({ ...this.emulator, url: this.#url, accountSid, authToken });
  }

  /** Expects `call` to be rejected with this status and code: "404/20404". */
  async rejected(expected: string, call: () => Promise<unknown>): Promise<void> {
    const got = await call().then(() => "accepted", errorOf);
    if (got.startsWith("501/")) throw new NotEmulated();
    if (got !== expected) throw new Error(`expected ${expected}, got ${got}: ${call}`);
  }

  /** A request in the form of the official client, for parameters that its methods do not have. */
  request(method: string, url: string, data: Record<string, unknown> = {}, client = this.client) {
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    return client.request({ method: method.toLowerCase() as "get", uri: url, data, headers });
  }

  /** Sends a message from a phone to a number of the account; resolves after all its effects. */
  async write(from: string, to: string, message: Readonly<Record<string, unknown>>): Promise<void> {
    await this.control(`/phones/${encodeURIComponent(from)}/messages`, { to, ...message });
    await this.emulator.settle();
  }

  /** A request to the control API, which is not recorded. */
  async control(path: string, body: unknown): Promise<unknown> {
    const url = `${this.emulator.controlUrl}${path}`;
    const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`POST ${url}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** A request to a product that the official client has no class for. */
  send(request: Omit<RawRequest, "headers">, type = "application/json"): Promise<RawAnswer> {
    return send({ ...this.emulator, url: this.#url }, { ...request, headers: { "Content-Type": type } });
  }

  /** Stores a file with the media service and returns its SID. */
  async upload(filename: string, type: string, body: string): Promise<string> {
    const url = `/v1/Services/${this.serviceSid}/Media?Filename=${filename}`;
    const { status, text } = await this.send({ method: "POST", host: "mcs.us1.twilio.com", url, body }, type);
    if (status !== 201) throw new Error(`The upload was refused: ${text}`);
    return JSON.parse(text).sid;
  }
}

/** Ends a scenario that needs an operation that is not emulated. */
export class NotEmulated extends Error {}

/** Status and code of the official client's error, such as "404/20404". */
export function errorOf(error: unknown): string {
  if (error instanceof Error && "status" in error && "code" in error) return `${error.status}/${error.code}`;
  throw error;
}

interface Page {
  readonly nextPageUrl?: string;
  nextPage(): Promise<Page> | undefined;
}

interface Pageable {
  page(params: { pageSize?: number; pageNumber?: number; pageToken?: string }): Promise<Page>;
}

/**
 * Goes through a list in each way that the official client knows: by `nextPageUrl`, and by page number and token;
 * then requests pages that do not exist. The list must have at least two members.
 */
export async function pageThrough(context: ScenarioContext, list: Pageable): Promise<void> {
  const first = await list.page({ pageSize: 1 });
  const next = await first.nextPage();
  if (next === undefined || first.nextPageUrl === undefined) throw new Error("The list has one page");
  const pageToken = new URL(first.nextPageUrl).searchParams.get("PageToken") ?? "";
  await list.page({ pageSize: 1, pageNumber: 1, pageToken });
  await list.page({ pageSize: 1000 });
  await context.rejected("400/20007", () => list.page({ pageSize: 2000 }));
  await context.rejected("400/21481", () => list.page({ pageToken: "not-a-token" }));
}
