import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { startEmulator } from "../../emulator/emulator.ts";
import { Bench } from "../emulator/support/emulator.ts";
import { bearer, credentials } from "./credentials.ts";
import { type Answer, type Fields, postJson } from "./http.ts";
import type { Deployment, Platform } from "./platforms.ts";
import { type FaultyProxy, startProxy } from "./proxy.ts";

export const CUSTOMER = "whatsapp:+15558675310";
export const COURIER = "whatsapp:+15017250604";

/** A deployment on one platform, an emulator, and a proxy in each direction between them. */
export class Stage {
  readonly deployment: Deployment;
  /** On the way from the handlers to Twilio. */
  readonly toTwilio: FaultyProxy;
  /** On the way from Twilio to the handlers. */
  readonly toHandlers: FaultyProxy;
  bench: Bench;

  constructor(deployment: Deployment, toTwilio: FaultyProxy, toHandlers: FaultyProxy, bench: Bench) {
    this.deployment = deployment;
    this.toTwilio = toTwilio;
    this.toHandlers = toHandlers;
    this.bench = bench;
  }

  static async start(platform: Platform, variables: Readonly<Record<string, string>> = {}): Promise<Stage> {
    const [toTwilio, toHandlers, bench] = await Promise.all([startProxy(), startProxy(), newBench()]);
    const { emulator } = bench;
    const deployment = await platform.start({
      ACCOUNT_SID: emulator.accountSid,
      AUTH_TOKEN: emulator.authToken,
      TWILIO_API_KEY_SID: emulator.apiKeySid,
      TWILIO_API_KEY_SECRET: emulator.apiKeySecret,
      CHAT_SERVICE_SID: emulator.chatServiceSid,
      TWILIO_BASE_URL: toTwilio.url,
      PUBLIC_BASE_URL: toHandlers.url,
      WHATSAPP_PROXY_ADDRESS: emulator.whatsappNumber,
      JWT_SECRET: credentials.JWT_SECRET,
      ...variables,
    });
    toHandlers.target = deployment.url;
    toTwilio.target = emulator.url;
    return new Stage(deployment, toTwilio, toHandlers, bench);
  }

  /** A new emulator with the same credentials behind the same address, and nothing wrong on the way. */
  async clear(startTime?: number): Promise<void> {
    await this.bench.close();
    this.bench = await newBench(startTime);
    this.toTwilio.target = this.bench.emulator.url;
    this.toTwilio.decide = () => "pass";
    this.toHandlers.decide = () => "pass";
    this.toHandlers.hold = Promise.resolve();
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

  /** Calls an endpoint as a back end would, with a token that has the scope. */
  async call(path: string, body: object): Promise<Answer<Fields>> {
    return postJson(
      `${this.toHandlers.url}${path}`,
      body,
      await bearer({ sub: "service", scope: "conversations:write" }),
    );
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
    await Promise.all([this.bench.close(), this.toTwilio.close(), this.toHandlers.close()]);
  }
}

async function newBench(startTime = Date.now()): Promise<Bench> {
  return new Bench(await startEmulator({ clock: "manual", startTime }));
}

/** Gives the tests of a block one deployment, and each of them an emulator of its own. */
export function useStage(
  platform: Platform,
  variables: Readonly<Record<string, string>> = {},
): { readonly current: Stage } {
  let stage: Stage | undefined;
  beforeAll(async () => {
    stage = await Stage.start(platform, variables);
  });
  beforeEach(() => stage?.clear());
  afterEach(() => stage?.settle());
  afterAll(() => stage?.stop());
  return {
    get current() {
      if (stage === undefined) throw new Error("The stage exists only inside a test");
      return stage;
    },
  };
}
