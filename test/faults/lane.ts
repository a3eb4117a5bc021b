import { type Emulator, startEmulator } from "../../emulator/emulator.ts";
import { bearer } from "../support/credentials.ts";
import { type Answer, type Fields, postJson } from "../support/http.ts";
import { type MediaServer, startMediaServer } from "../support/media-server.ts";
import type { Deployment, Platform } from "../support/platforms.ts";
import type { Fault } from "./faults.ts";
import { scaledMs, TIME_SCALE } from "./scale.ts";
import { variablesOf } from "./settings.ts";

/** A resource as the REST API shows it. */
export type Resource = Readonly<Record<string, unknown>>;

/** A fault at the request that comes after `skip` others. */
export interface Injection {
  readonly fault: Fault;
  readonly skip: number;
}

/** What became of an injection. */
export interface Injected {
  /** The request that it was injected into, such as `POST Conversations/{sid}/Messages`; undefined where none came. */
  readonly request: string | undefined;
}

/** Before every moment to which the clock is set. */
const EARLIEST = Date.parse("2026-01-01T00:00:00Z");
const SCOPES = "conversations:write conversations:read users:export users:erase";
const TICK_MS = 100;
const SID = /^[A-Z]{2}[0-9a-f]{32}$/;

/** One emulator, and the bundles of one platform that take it for Twilio. Runs one case after the other. */
export class Lane {
  readonly platform: Platform;
  readonly emulator: Emulator;
  readonly media: MediaServer;
  readonly #deployment: Deployment;
  #clock: NodeJS.Timeout | undefined;
  /** The faults that delay a request until the call has been answered. */
  readonly #late = new Set<string>();
  #requestsBefore = 0;
  #resetAt = 0;
  #actAt = 0;

  private constructor(platform: Platform, emulator: Emulator, media: MediaServer, deployment: Deployment) {
    this.platform = platform;
    this.emulator = emulator;
    this.media = media;
    this.#deployment = deployment;
    if (deployment.queue) deployment.queue.beforeRedelivery = () => this.#letThrough();
  }

  static async start(platform: Platform): Promise<Lane> {
    const media = await startMediaServer();
    const emulator = await startEmulator({ clock: "manual", startTime: EARLIEST, joining: scaledMs(700) });
    const deployment = await platform.start(variablesOf(emulator), TIME_SCALE);
    return new Lane(platform, emulator, media, deployment);
  }

  /** Where the endpoints are. */
  get url(): string {
    return this.#deployment.url;
  }

  /** An empty account, no faults, and the clock at a moment. */
  async reset(at = Date.now()): Promise<void> {
    clearInterval(this.#clock);
    this.#late.clear();
    await this.#control("DELETE", "/faults");
    await this.emulator.reset();
    await this.emulator.advance(at - this.emulator.clock.now());
    // Twilio's time passes, too: locks expire by it.
    let last = performance.now();
    this.#clock = setInterval(() => {
      const passed = Math.round(performance.now() - last);
      last += passed;
      void this.emulator.advance(passed);
    }, TICK_MS);
    this.#deployment.queue?.clear();
    this.#resetAt = this.#deployment.output().length;
    this.beginReports();
  }

  /** What is logged from now on is what {@link reports} tells. */
  beginReports(): void {
    this.#actAt = this.#deployment.output().length;
    this.#deployment.queue?.deadLetters.splice(0);
  }

  /** Waits for everything that follows, also for what waits in the queue. */
  async settle(): Promise<void> {
    const { queue } = this.#deployment;
    do {
      await this.emulator.settle();
      await queue?.idle();
      await this.emulator.settle();
    } while (queue?.isIdle === false);
  }

  /** Calls an endpoint as a back end does. */
  async call(path: string, fields: object): Promise<Answer<Fields>> {
    const token = await bearer({ sub: "service", scope: SCOPES });
    return postJson(`${this.url}/${path}`, fields, token);
  }

  /** A person writes from a phone, and all that follows happens. */
  async say(from: string, to: string, body: string): Promise<void> {
    await this.#control("POST", `/phones/${encodeURIComponent(from)}/messages`, { to, body });
    await this.settle();
  }

  /** The texts that a phone has received. */
  async received(phone: string): Promise<string[]> {
    const { messages } = await this.#control("GET", `/phones/${encodeURIComponent(phone)}/messages`);
    const texts = messages as readonly { readonly direction: string; readonly body: string }[];
    return texts.filter(({ direction }) => direction === "in").map(({ body }) => body);
  }

  /** Adds a fault that is injected once, or another rule. @returns its id. */
  async addFault(rule: object): Promise<string> {
    return String((await this.#control("POST", "/faults", rule)).id);
  }

  async inject({ fault, skip }: Injection): Promise<string> {
    const id = await this.addFault({ on: "request", ...fault.rule, skip, times: 1 });
    if (fault.isForCalls) this.#late.add(id);
    return id;
  }

  /** Has late requests take effect. */
  async #letThrough(): Promise<void> {
    const { faults } = await this.#control("GET", "/faults");
    const rules = faults as readonly { readonly id: string; readonly struck: number }[];
    for (const { id, struck } of rules) {
      if (struck > 0 && this.#late.delete(id)) await this.#control("DELETE", `/faults/${id}`);
    }
    await this.emulator.settle();
  }

  /** The requests from now on are those that {@link lift} tells. */
  async beginRequests(): Promise<void> {
    this.#requestsBefore = (await this.#requests()).length;
  }

  async #requests(): Promise<readonly Resource[]> {
    const { timeline } = await this.#control("GET", "/timeline");
    return (timeline as readonly Resource[]).filter(({ kind }) => kind === "request");
  }

  /** Ends all faults, has late requests take effect, and tells the requests and what became of the injections. */
  async lift(
    ids: readonly string[],
  ): Promise<{ readonly requests: readonly string[]; readonly injected: readonly Injected[] }> {
    const { faults } = await this.#control("GET", "/faults");
    const { timeline } = await this.#control("GET", "/timeline");
    const entries = timeline as readonly Resource[];
    const requests = (await this.#requests()).slice(this.#requestsBefore);
    for (const { id } of faults as readonly { readonly id: string }[]) {
      if (ids.includes(id)) await this.#control("DELETE", `/faults/${id}`);
    }
    await this.settle();
    const injected = ids.map((id) => {
      const entry = entries.find(({ kind, faultId }) => kind === "fault" && faultId === id);
      return { request: entry && labelOf(String(entry.method), String(entry.url)) };
    });
    return { requests: requests.map(({ method, url }) => labelOf(String(method), String(url))), injected };
  }

  /** Creates or changes something at Twilio, as the account. */
  async post(path: string, form: Readonly<Record<string, string>> = {}): Promise<Resource> {
    return this.#rest("POST", path, new URLSearchParams(form).toString());
  }

  /** Everything in a list. */
  async list(path: string): Promise<readonly Resource[]> {
    const page = await this.#rest("GET", `${path}?PageSize=100`);
    const { key } = page.meta as { readonly key: string };
    return page[key] as readonly Resource[];
  }

  /** All conversations but locks. */
  async conversations(): Promise<readonly Resource[]> {
    return (await this.list("Conversations")).filter(({ unique_name: name }) => !/^lock-/.test(String(name)));
  }

  get(path: string): Promise<Resource> {
    return this.#rest("GET", path);
  }

  /** A template that WhatsApp has approved. @returns its SID. */
  async template(body: string): Promise<string> {
    const content = { friendly_name: "a_template", language: "en", types: { "twilio/text": { body } } };
    const { sid } = await this.#send(
      "POST",
      `${this.emulator.url}/v1/Content`,
      {
        ...this.#authorization(),
        host: "content.twilio.com",
        "content-type": "application/json",
      },
      JSON.stringify(content),
    );
    await this.#control("POST", `/content/${sid}/approval`, { status: "approved" });
    return String(sid);
  }

  /** The errors that the handlers have logged, and the events that the queue has given up. */
  reports(): string[] {
    const lines = this.#deployment.output().slice(this.#actAt).split("\n");
    const errors = lines.filter((line) => line.includes('"level":"error"'));
    const events = errors.map((line) => /"event":"(\w+)"/.exec(line)?.[1] ?? "error");
    return [...events, ...(this.#deployment.queue?.deadLetters.map(() => "dead_letter") ?? [])];
  }

  logged(text: string): boolean {
    return this.#deployment.output().slice(this.#resetAt).includes(text);
  }

  async stop(): Promise<void> {
    clearInterval(this.#clock);
    await this.#deployment.stop();
    await this.emulator.close();
    await this.media.close();
  }

  #rest(method: "GET" | "POST", path: string, form?: string): Promise<Resource> {
    const { url, chatServiceSid } = this.emulator;
    const base = path.startsWith("/") ? url : `${url}/v1/Services/${chatServiceSid}/`;
    const type = { "content-type": "application/x-www-form-urlencoded" };
    return this.#send(method, `${base}${path}`, { ...this.#authorization(), ...type }, form);
  }

  #authorization(): Record<string, string> {
    const { accountSid, authToken } = this.emulator;
    return { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}` };
  }

  #control(method: "GET" | "POST" | "DELETE", path: string, body?: object): Promise<Resource> {
    return this.#send(method, `${this.emulator.controlUrl}${path}`, {}, body && JSON.stringify(body));
  }

  async #send(
    method: string,
    url: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<Resource> {
    const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
    return text === "" ? {} : (JSON.parse(text) as Resource);
  }
}

/** A request by its resource, without what names the service and single resources. */
function labelOf(method: string, url: string): string {
  const [path = ""] = url.split("?");
  const segments = path.split("/").filter((segment) => segment !== "");
  const own = segments[1] === "Services" ? segments.slice(3) : segments.slice(1);
  // Names of resources begin with a capital; what follows them is a SID, a unique name or an identity.
  const shown = own.map((segment, index) => (index % 2 === 1 || SID.test(segment) ? "{sid}" : segment));
  return `${method} ${shown.join("/")}`;
}
