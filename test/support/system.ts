import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import { startEmulator } from "../../emulator/emulator.ts";
import type { EventQueue } from "../../tools/local/lambda/event-queue.ts";
import { TestAccount } from "../emulator/support/emulator.ts";
import { bearer, credentials } from "./credentials.ts";
import { expectDescribed } from "./described.ts";
import type { Effect, Limits, Match } from "./faults.ts";
import { type Answer, type Fields, postJson } from "./http.ts";
import type { Deployment, Platform } from "./platforms.ts";
import { linesOf } from "./post-event.ts";
import { accountVariables } from "./settings.ts";

export const CUSTOMER = "whatsapp:+15558675310";
export const COURIER = "whatsapp:+15017250604";

type Claims = Parameters<typeof bearer>[0];
const WRITER: Claims = { sub: "service", scope: "conversations:write" };

/** Earlier than any time to which a test sets the clock. */
const EARLIEST = Date.parse("2026-01-01T00:00:00Z");

/** For tests of calls that reach their limits: all pauses and limits are a quarter, a call takes at most 3 s. */
export const QUICK = 0.25;

/** The system under test: a deployment on one platform, and an account in the emulator. */
export class System {
  readonly deployment: Deployment;
  readonly account: TestAccount;
  /** Events handled and text logged before the account was emptied. */
  #before = { handled: 0, logged: 0 };

  constructor(deployment: Deployment, account: TestAccount) {
    this.deployment = deployment;
    this.account = account;
  }

  static async start(
    platform: Platform,
    variables: Readonly<Record<string, string>> = {},
    timeScale?: number,
    folder?: string,
  ): Promise<System> {
    const emulator = await startEmulator({ clock: "manual", startTime: EARLIEST, joining: 0 });
    const environment = {
      ...accountVariables(emulator),
      TWILIO_BASE_URL: emulator.url,
      WHATSAPP_PROXY_ADDRESS: emulator.whatsappNumber,
      JWT_SECRET: credentials.JWT_SECRET,
      ...variables,
    };
    const deployment = await platform.start(environment, timeScale, folder);
    const system = new System(deployment, new TestAccount(emulator));
    await system.clear();
    return system;
  }

  /** The base URL of the endpoints. */
  get url(): string {
    return this.deployment.url;
  }

  /** Empties the account, keeps its credentials, removes all faults and sets the clock: to the real time unless given. */
  async clear(at = Date.now()): Promise<void> {
    await this.clearFaults();
    const { emulator } = this.account;
    await emulator.reset();
    await emulator.advance(at - emulator.clock.now());
    const { queue } = this.deployment;
    if (queue === undefined) return;
    await this.#outcomesLogged(queue);
    queue.clear();
    this.#before = { handled: queue.handled, logged: this.deployment.output().length };
  }

  /** The logged outcomes of the queued events since the account was emptied, once all that were handled are logged. */
  async #outcomesLogged(queue: EventQueue): Promise<Record<string, unknown>[]> {
    const { handled, logged } = this.#before;
    const lines = () =>
      linesOf(
        this.deployment.output().slice(logged),
        "event_handled",
        "event_not_handled",
        "left_unanswered",
      );
    // A process's output arrives later than its answers.
    await vi.waitFor(() => expect(lines()).toHaveLength(queue.handled - handled));
    return lines();
  }

  /**
   * The outcomes of the events of an endpoint that only Twilio calls, oldest first: its answers, or on Lambda the log of the
   * function behind its queue.
   */
  async outcomes(path: string): Promise<Fields[]> {
    const { queue } = this.deployment;
    if (queue === undefined) {
      const attempts = (await this.account.webhooks()).filter(({ request }) => request.url.includes(path));
      return attempts.map(({ response }) => JSON.parse(response?.body || "{}") as Fields);
    }
    const own = (await this.#outcomesLogged(queue)).filter(({ handler }) => `/${handler}` === path);
    return own.map(({ result }) => result as Fields);
  }

  /** Sends an event directly, signed as by Twilio. @returns its outcome, after it was handled. */
  async deliver(
    path: string,
    form: Readonly<Record<string, string>>,
    authToken = this.account.emulator.authToken,
  ): Promise<{ readonly status: number; readonly body: Fields }> {
    const url = `${this.url}${path}`;
    const headers = { "x-twilio-signature": getExpectedTwilioSignature(authToken, url, { ...form }) };
    const response = await fetch(url, { method: "POST", headers, body: new URLSearchParams(form) });
    const body = (await response.json()) as Fields;
    if (body.status !== "queued") return { status: response.status, body };
    await this.settle();
    const outcome = (await this.outcomes(path.split("?")[0] ?? "")).at(-1) ?? {};
    return { status: outcome.status === "error" ? 400 : 200, body: outcome };
  }

  /** Waits until no request is in flight and no event is queued. */
  async settle(): Promise<void> {
    do {
      await this.account.emulator.settle();
      await this.deployment.queue?.idle();
      await this.account.emulator.settle();
    } while (this.deployment.queue?.isIdle === false);
  }

  /** Injects a fault into the handlers' requests to Twilio: into every one that matches, or as many as the limits allow. */
  async inject(match: Match, effect: Effect, limits: Limits = {}): Promise<void> {
    await this.account.fault({ on: "request", match, ...effect, ...limits });
  }

  /** Injects a fault into the first matching request only. */
  injectOnce(match: Match, effect: Effect): Promise<void> {
    return this.inject(match, effect, { times: 1 });
  }

  /** Injects a fault into every matching webhook. */
  async injectIntoWebhooks(match: Match, effect: Effect): Promise<void> {
    await this.account.fault({ on: "webhook", match, ...effect });
  }

  /** Delays all webhooks. @returns a function that releases them and waits for all effects. */
  holdWebhooks(): Promise<() => Promise<void>> {
    return this.#hold({ on: "webhook", effect: "hold" });
  }

  /** Delays the handlers' requests to Twilio. @returns a function that releases them and waits for all effects. */
  holdRequests(match: Match, limits: Limits = {}): Promise<() => Promise<void>> {
    return this.#hold({ on: "request", match, effect: "delay", duration: "PT1H", ...limits });
  }

  async #hold(rule: Readonly<Record<string, unknown>>): Promise<() => Promise<void>> {
    const id = await this.account.fault(rule);
    return async () => {
      await this.account.control("DELETE", `/faults/${id}`);
      await this.settle();
    };
  }

  /** Removes all faults. Fails the test if one was never injected. */
  async clearFaults(): Promise<void> {
    const faults = await this.account.faults();
    await this.account.control("DELETE", "/faults");
    expect(faults.filter(({ struck }) => struck === 0)).toEqual([]);
  }

  /** The handlers' requests to Twilio, oldest first: methods and URLs. */
  async requests(): Promise<string[]> {
    const { body } = await this.account.control("GET", "/timeline");
    const entries = body.timeline as { kind: string; method: string; url: string }[];
    const requests = entries.filter(({ kind, url }) => kind === "request" && url.startsWith("/v1/Services/"));
    return requests.map(({ method, url }) => `${method} ${url}`);
  }

  /**
   * Calls an endpoint as a back end, with a token that has the scope, or with other claims. The response must
   * match the OpenAPI description.
   */
  async call(path: string, body: object, claims: Claims = WRITER): Promise<Answer<Fields>> {
    const answer = await postJson(`${this.url}${path}`, body, await bearer(claims));
    expectDescribed(path, answer);
    return answer;
  }

  /** A person writes to the proxy address. Resolves when all effects have completed. */
  async send(from: string, message: string | Record<string, unknown>): Promise<void> {
    await this.account.send(from, this.account.emulator.whatsappNumber, message);
    await this.settle();
  }

  /** A person writes. Resolves immediately. */
  async say(from: string, body: string): Promise<void> {
    const path = `/phones/${encodeURIComponent(from)}/messages`;
    await this.account.control("POST", path, { to: this.account.emulator.whatsappNumber, body });
  }

  /** The texts that a phone has received, oldest first. */
  async received(phone: string): Promise<string[]> {
    const inbox = await this.account.inbox(phone);
    return inbox.filter(({ direction }) => direction === "in").map(({ body }) => body);
  }

  /** Returns a function that returns the handlers' log since then. */
  logFromHere(): () => string {
    const before = this.deployment.output().length;
    return () => this.deployment.output().slice(before);
  }

  async stop(): Promise<void> {
    await this.deployment.stop();
    await this.account.close();
  }
}

/** The systems without further settings, which all test files of a worker use: they end with its process. */
const shared = new Map<Platform, Promise<System>>();

function sharedSystem(platform: Platform): Promise<System> {
  // Vitest ends its workers by this signal, and a deployment ends when its worker exits.
  if (shared.size === 0) process.once("SIGTERM", () => process.exit());
  const started = shared.get(platform) ?? System.start(platform);
  shared.set(platform, started);
  return started;
}

/**
 * A deployment and an account in an emulator for the tests of a block, emptied before each of them. With settings of their
 * own they are started for the block and stopped after it.
 */
export function useSystem(
  platform: Platform,
  variables?: Readonly<Record<string, string>>,
  timeScale?: number,
): { readonly current: System } {
  const isShared = variables === undefined;
  let system: System | undefined;
  beforeAll(async () => {
    system = await (isShared ? sharedSystem(platform) : System.start(platform, variables, timeScale));
  });
  beforeEach(() => system?.clear());
  afterEach(async () => {
    await system?.clearFaults();
    await system?.settle();
  });
  afterAll(() => (isShared ? undefined : system?.stop()));
  return {
    get current() {
      if (system === undefined) throw new Error("The system exists only inside a test");
      return system;
    },
  };
}
