import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { startEmulator } from "../../emulator/emulator.ts";
import { Bench } from "../emulator/support/emulator.ts";
import { bearer, credentials } from "./credentials.ts";
import { expectDescribed } from "./described.ts";
import type { Fate, Limits, Match } from "./faults.ts";
import { type Answer, type Fields, postJson } from "./http.ts";
import type { Deployment, Platform } from "./platforms.ts";

export const CUSTOMER = "whatsapp:+15558675310";
export const COURIER = "whatsapp:+15017250604";

type Claims = Parameters<typeof bearer>[0];
const WRITER: Claims = { sub: "service", scope: "conversations:write" };

/** Before every moment to which the clock of a test is set. */
const EARLIEST = Date.parse("2026-01-01T00:00:00Z");

/** A deployment on one platform, and an emulator that stands in for Twilio. */
export class Stage {
  readonly deployment: Deployment;
  readonly bench: Bench;

  constructor(deployment: Deployment, bench: Bench) {
    this.deployment = deployment;
    this.bench = bench;
  }

  static async start(
    platform: Platform,
    variables: Readonly<Record<string, string>> = {},
    timeScale?: number,
  ): Promise<Stage> {
    const emulator = await startEmulator({ clock: "manual", startTime: EARLIEST, joining: 0 });
    const environment = {
      ACCOUNT_SID: emulator.accountSid,
      AUTH_TOKEN: emulator.authToken,
      TWILIO_API_KEY_SID: emulator.apiKeySid,
      TWILIO_API_KEY_SECRET: emulator.apiKeySecret,
      CHAT_SERVICE_SID: emulator.chatServiceSid,
      TWILIO_BASE_URL: emulator.url,
      WHATSAPP_PROXY_ADDRESS: emulator.whatsappNumber,
      JWT_SECRET: credentials.JWT_SECRET,
      ...variables,
    };
    const deployment = await platform.start(environment, timeScale);
    const stage = new Stage(deployment, new Bench(emulator));
    await stage.clear();
    return stage;
  }

  /** Where the endpoints are. */
  get url(): string {
    return this.deployment.url;
  }

  /** An empty account with the same credentials, nothing that goes wrong, and the clock at a moment: now unless given. */
  async clear(at = Date.now()): Promise<void> {
    await this.mend();
    const { emulator } = this.bench;
    await emulator.reset();
    await emulator.advance(at - emulator.clock.now());
    this.deployment.queue?.clear();
  }

  /** Waits until everything has happened, also what waits in a queue and what follows from it. */
  async settle(): Promise<void> {
    do {
      await this.bench.emulator.settle();
      await this.deployment.queue?.idle();
      await this.bench.emulator.settle();
    } while (this.deployment.queue?.isIdle === false);
  }

  /** Lets a fate befall requests of the handlers to Twilio: every one that matches, or as many as the limits say. */
  async strike(match: Match, fate: Fate, limits: Limits = {}): Promise<void> {
    await this.bench.fault({ on: "request", match, ...fate, ...limits });
  }

  /** Lets a fate befall the first request that matches, and no other. */
  strikeOnce(match: Match, fate: Fate): Promise<void> {
    return this.strike(match, fate, { times: 1 });
  }

  /** Lets a fate befall every webhook that matches. */
  async strikeWebhooks(match: Match, fate: Fate): Promise<void> {
    await this.bench.fault({ on: "webhook", match, ...fate });
  }

  /** Holds all webhooks back. @returns lets them pass, and waits for all that follows. */
  holdWebhooks(): Promise<() => Promise<void>> {
    return this.#hold({ on: "webhook", effect: "hold" });
  }

  /** Keeps requests of the handlers to Twilio waiting. @returns lets them pass, and waits for all that follows. */
  holdRequests(match: Match, limits: Limits = {}): Promise<() => Promise<void>> {
    return this.#hold({ on: "request", match, effect: "delay", duration: "PT1H", ...limits });
  }

  async #hold(rule: Readonly<Record<string, unknown>>): Promise<() => Promise<void>> {
    const id = await this.bench.fault(rule);
    return async () => {
      await this.bench.control("DELETE", `/faults/${id}`);
      await this.settle();
    };
  }

  /** Nothing goes wrong any more. A fate that has befallen nothing until now proves nothing, and fails the test. */
  async mend(): Promise<void> {
    const faults = await this.bench.faults();
    await this.bench.control("DELETE", "/faults");
    expect(faults.filter(({ struck }) => struck === 0)).toEqual([]);
  }

  /** What the handlers have asked Twilio, oldest first: methods and URLs. */
  async requests(): Promise<string[]> {
    const { body } = await this.bench.control("GET", "/timeline");
    const entries = body.timeline as { kind: string; method: string; url: string }[];
    const requests = entries.filter(({ kind, url }) => kind === "request" && url.startsWith("/v1/Services/"));
    return requests.map(({ method, url }) => `${method} ${url}`);
  }

  /**
   * Calls an endpoint as a back end would, with a token that has the scope, or with one of other claims. Its answer must be
   * as it is described.
   */
  async call(path: string, body: object, claims: Claims = WRITER): Promise<Answer<Fields>> {
    const answer = await postJson(`${this.url}${path}`, body, await bearer(claims));
    expectDescribed(path, answer);
    return answer;
  }

  /** A person writes to the proxy address, and everything that follows happens. */
  send(from: string, message: string | Record<string, unknown>): Promise<unknown> {
    return this.bench.send(from, this.bench.emulator.whatsappNumber, message);
  }

  /** A person writes, and nothing is waited for. */
  async say(from: string, body: string): Promise<void> {
    const path = `/phones/${encodeURIComponent(from)}/messages`;
    await this.bench.control("POST", path, { to: this.bench.emulator.whatsappNumber, body });
  }

  /** The texts that a phone has received, oldest first. */
  async received(phone: string): Promise<string[]> {
    const inbox = await this.bench.inbox(phone);
    return inbox.filter(({ direction }) => direction === "in").map(({ body }) => body);
  }

  /** What the handlers log from now on. */
  logFromHere(): () => string {
    const before = this.deployment.output().length;
    return () => this.deployment.output().slice(before);
  }

  async stop(): Promise<void> {
    await this.deployment.stop();
    await this.bench.close();
  }
}

/** Gives the tests of a block one deployment and one emulator, and each of them an empty account. */
export function useStage(
  platform: Platform,
  variables: Readonly<Record<string, string>> = {},
  timeScale?: number,
): { readonly current: Stage } {
  let stage: Stage | undefined;
  beforeAll(async () => {
    stage = await Stage.start(platform, variables, timeScale);
  });
  beforeEach(() => stage?.clear());
  afterEach(async () => {
    await stage?.mend();
    await stage?.settle();
  });
  afterAll(() => stage?.stop());
  return {
    get current() {
      if (stage === undefined) throw new Error("The stage exists only inside a test");
      return stage;
    },
  };
}
