import type { Client, ConnectionState } from "@twilio/conversations";

/*
 * The functions of scenarios, in Node and in a browser.
 */

/** An SDK of some version, and the emulator. */
export interface ScenarioContext {
  /** Signs a user in, and waits until the SDK has loaded its initial data. */
  signIn(identity: string, options?: SignInOptions): Promise<Client>;
  /** An access token of a user, valid for an hour by default. */
  token(identity: string, ttl?: number, pushCredentialSid?: string): Promise<string>;
  /** A client that is connecting, with the given token. */
  connect(token: string): Client;
  /** Likewise by the deprecated factory, which resolves when the client is initialized. */
  create(token: string): Promise<Client>;
  /** A request to the REST API of the emulator; rejects for an error status. */
  rest(method: "GET" | "POST" | "DELETE", path: string, form?: Record<string, string>): Promise<Json>;
  /** A request to its control API; rejects for an error status. */
  control(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<Json>;
  /** A content template, by its types and the default values of its placeholders. Returns its SID. */
  template(types: Json, variables: Readonly<Record<string, string>>): Promise<string>;
  /** The response of a URL, as text. */
  fetchText(url: string): Promise<string>;
  /**
   * A receiver of webhooks that responds to an event with a status, and with 200 otherwise; it records the forms that
   * it received.
   */
  hook(answers: Readonly<Record<string, { readonly status: number }>>): Promise<Hook>;
}

interface Hook {
  readonly target: string;
  received(): Promise<readonly Readonly<Record<string, string>>[]>;
}

interface SignInOptions {
  /** Validity of the token in seconds. */
  readonly ttl?: number;
  readonly pushCredentialSid?: string;
}

/** The response of an API. */
export type Json = Readonly<Record<string, unknown>>;

/** Scenarios by their titles. */
export type Scenarios = Readonly<Record<string, (context: ScenarioContext) => Promise<void>>>;

/** Fails unless both are the same JSON. */
export function same(actual: unknown, expected: unknown): void {
  const [a, b] = [sorted(actual), sorted(expected)].map((value) => JSON.stringify(value, null, 1));
  if (a !== b) throw new Error(`expected ${b}\nbut it is ${a}`);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, field]) => [name, sorted(field)]));
}

interface Emitter {
  on(event: string, listener: (value: never) => void): unknown;
}

/** Resolves at the next event. To be called before the action that causes it. */
export function next<T>(
  emitter: Emitter,
  event: string,
  accept: (value: T) => boolean = () => true,
): Promise<T> {
  return new Promise((resolve) => {
    emitter.on(event, (value: T) => {
      if (accept(value)) resolve(value);
    });
  });
}

/** Collects all later events. */
export function collect<T, R>(emitter: Emitter, event: string, pick: (value: T) => R): R[] {
  const seen: R[] = [];
  emitter.on(event, (value: T) => seen.push(pick(value)));
  return seen;
}

/** Waits until a client is in a state. */
export async function connection(client: Client, state: ConnectionState): Promise<void> {
  if (client.connectionState !== state)
    await next<ConnectionState>(client, "connectionStateChanged", (now) => now === state);
}

/** The status and code of a rejected call; fails when it is not rejected. */
export async function rejection(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: { readonly status?: number; readonly body?: { readonly code?: number } }) => reason,
  );
  if (error === undefined) throw new Error("it was not refused");
  return `${error.status} ${error.body?.code}`;
}

/** Resolves when a client has loaded its initial data: before that it does not recover from a lost connection. */
export async function ready(client: Client): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.on("initialized", () => resolve());
    client.on("initFailed", ({ error }) => reject(error));
  });
  await client.getSubscribedConversations();
}
