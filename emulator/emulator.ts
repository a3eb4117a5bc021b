import { isUnauthorized } from "./api/dispatch.ts";
import { answerWithFaults } from "./api/faults.ts";
import { longestBody as longestApiBody } from "./api/media.ts";
import { operationNames } from "./api/operations.ts";
import { Clock, type ClockMode } from "./clock.ts";
import {
  answerControl,
  isControlRequest,
  isForbidden,
  longestBody as longestControlBody,
} from "./control/answer.ts";
import { ActionLimiter } from "./domain/action-limiter.ts";
import { readHost } from "./http/host.ts";
import { type HttpRequest, type HttpServer, startServer } from "./http/server.ts";
import { Authority } from "./proxy/authority.ts";
import { answerConnect } from "./proxy/connect.ts";
import { readTarget, refusalOf } from "./proxy/target.ts";
import { Upgrades } from "./realtime/upgrade.ts";
import { remember } from "./remember.ts";
import { Runtime } from "./runtime.ts";
import { applySeed } from "./seed/apply.ts";
import type { Sid } from "./sid.ts";
import type { Saved } from "./store/read-state.ts";
import { Store } from "./store/store.ts";

/** How to start an emulator. Everything has a default. */
export interface EmulatorOptions {
  /** TCP port, 0 (the default) for any that is free. */
  readonly port?: number | undefined;
  /** Address to listen on, 127.0.0.1 unless given. */
  readonly host?: string | undefined;
  /** `real` (the default): time passes by itself. `manual`: it stands still until it is advanced. */
  readonly clock?: ClockMode | undefined;
  /** When the clock starts, in milliseconds since the epoch; now unless given. */
  readonly startTime?: number | undefined;
  /** Any text. The same seed gives the same SIDs and credentials in the same order. */
  readonly seed?: string | undefined;
  /** "AC" and 32 hexadecimal digits. */
  readonly accountSid?: Sid<"AC"> | undefined;
  readonly authToken?: string | undefined;
  /** What the account holds at the start and after every reset: a seed, as docs/control-api.md describes it. */
  readonly contents?: unknown;
  /** Whether more than 30 actions per second on a service or conversation are refused with 429; not unless given. */
  readonly rateLimits?: boolean | undefined;
  /** Whether US carriers block unregistered long codes at the start and after every reset; not unless given. */
  readonly a2p?: boolean | undefined;
  /** Whether +14155238886 has the rules of WhatsApp's sandbox at the start and after every reset; not unless given. */
  readonly sandbox?: boolean | undefined;
  /**
   * How many milliseconds a conversation is `initializing` while its participants join, by the clock or in real time,
   * whichever passes first, at the start and after every reset; 700 unless given.
   */
  readonly joining?: number | undefined;
  /** Directory to keep the state in; in memory unless given. What it holds goes before the other options. */
  readonly data?: string | undefined;
  /**
   * Directory of a certificate authority, made on first use: then the emulator is also a proxy for `*.twilio.com`,
   * for programs that cannot be given its URL.
   */
  readonly proxy?: string | undefined;
  /** Where Parley's chat page is, for the console to open it as any chat user. */
  readonly chatPage?: string | undefined;
  /** Where diagnostics go, a line at a time; nowhere unless given. */
  readonly log?: ((message: string) => void) | undefined;
}

/** What a program needs to use an emulator: the JSON line of `npm run emulator`. */
export interface EmulatorInfo {
  /** "http://127.0.0.1:PORT": stands in for https://conversations.twilio.com and its sisters. */
  readonly url: string;
  /** Where the control API begins. */
  readonly controlUrl: string;
  /** The page for people. */
  readonly consoleUrl: string;
  readonly accountSid: Sid<"AC">;
  readonly authToken: string;
  /** Empty when every API key was deleted. */
  readonly apiKeySid: Sid<"SK"> | "";
  readonly apiKeySecret: string;
  /** The default conversation service. */
  readonly chatServiceSid: Sid<"IS">;
  /** The default messaging service. */
  readonly messagingServiceSid: Sid<"MG">;
  /** A number of the account: "+1…". */
  readonly smsNumber: string;
  /** A WhatsApp sender of the account: "whatsapp:+1…". */
  readonly whatsappNumber: string;
  /** With a proxy: the certificate that programs must trust, as a PEM file. The proxy's URL is `url`. */
  readonly caFile?: string;
  /** With a proxy: the key that its servers show, for Chromium's `--ignore-certificate-errors-spki-list`. */
  readonly serverKeyHash?: string;
}

/** A running emulator. */
export interface Emulator extends EmulatorInfo {
  readonly info: EmulatorInfo;
  readonly clock: Clock;
  /** Moves the clock forward by `ms`, running timers in order; what is in flight is waited for first. */
  advance(ms: number): Promise<void>;
  /** Resolves when no webhook, delivery, initializing conversation or due timer is left. */
  settle(): Promise<void>;
  /** Discards everything but the credentials, and starts again with the same SIDs and clock. */
  reset(): Promise<void>;
  /** Stops listening and drops every connection. */
  close(): Promise<void>;
}

const smsNumber = "+15017122661";
const whatsappNumber = "whatsapp:+14155238886";
const defaultSeed = "twilio-conversations";

/**
 * Starts an emulator and resolves when it listens. Rejects with Node's error (`EADDRINUSE`, …) when the port
 * cannot be had, with the store's when the data directory cannot, and with a `InputError`.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const store = options.data === undefined ? undefined : await Store.open(options.data);
  try {
    return await startWith(store, options);
  } catch (error) {
    await store?.close();
    throw error;
  }
}

async function startWith(store: Store | undefined, options: EmulatorOptions): Promise<Emulator> {
  const log = options.log ?? (() => {});
  const { accountSid, authToken } = options;
  const account = { accountSid, authToken, numbers: [smsNumber, whatsappNumber] };
  const mode = options.clock ?? "real";
  const seed = options.seed ?? defaultSeed;
  const committed = async () => store?.committed();
  let startTime = options.startTime;
  const listenHost = options.host ?? "127.0.0.1";
  let fallbackHost = listenHost;
  const begin = async (saved: Saved | undefined, contents: unknown) => {
    const next = new Runtime({
      account,
      clock: () => new Clock(mode, startTime),
      seed,
      operationNames,
      log,
      origin: () => `http://${fallbackHost}`,
      committed,
      saved,
    });
    const { rules } = next.root;
    if (saved === undefined)
      Object.assign(rules, {
        a2p: options.a2p ?? rules.a2p,
        sandbox: options.sandbox ?? rules.sandbox,
        joining: options.joining ?? rules.joining,
      });
    if (saved === undefined && contents !== undefined) {
      await applySeed(next, contents).catch((error: unknown) => {
        next.dispose();
        throw error;
      });
    }
    if (options.rateLimits) next.limiter = new ActionLimiter();
    return next;
  };
  let runtime = await begin(store?.saved, options.contents);
  if (options.clock !== undefined) runtime.clock.setMode(mode);
  if (mode === "manual") startTime ??= runtime.clock.now();
  await store?.keep(runtime);
  const replace = async (saved: Saved | undefined, contents?: unknown) => {
    const next = await begin(saved, contents);
    runtime.dispose();
    runtime = next;
    await store?.keep(runtime);
  };
  const reset = (contents = options.contents) => replace(undefined, contents);
  const authority = options.proxy === undefined ? undefined : new Authority(options.proxy);
  const upgrades = new Upgrades();
  const hostOf = remember((header) => readHost(header, fallbackHost));
  const server: HttpServer = await startServer({
    port: options.port ?? 0,
    host: listenHost,
    log,
    longestBody: (url) => longestControlBody(url) ?? longestApiBody(url),
    connect: authority === undefined ? undefined : (accept) => answerConnect(authority, accept, log),
    upgrade: (request, socket, head) =>
      upgrades.accept(runtime.realtime, request, socket, head, fallbackHost),
    isRejected(given) {
      const request = readTarget(given);
      if ("refused" in request) return true;
      const host = hostOf(request.headers.host ?? "");
      return isControlRequest(request, host)
        ? isForbidden(request, host)
        : isUnauthorized(runtime.resources, request, host);
    },
    async handle(given) {
      const request = readTarget(given);
      if ("refused" in request) return { status: 403, body: { error: refusalOf(request.refused) } };
      const host = hostOf(request.headers.host ?? "");
      const current = runtime;
      const reply = isControlRequest(request, host)
        ? await answerControl(current, request, host, { info, reset, restore: replace })
        : await answerWithFaults(current, request, host);
      // The state was replaced meanwhile, and what the request did is lost: do not acknowledge it.
      if (runtime !== current && !replacesState(request)) return "cut";
      // Acknowledge only what a crash cannot undo.
      if (store !== undefined) await store.committed();
      return reply;
    },
  });
  fallbackHost = `${urlHost(listenHost)}:${server.port}`;
  const url = `http://${fallbackHost}`;
  const urls = { url, controlUrl: `${url}/_emulator`, consoleUrl: `${url}/console` };
  const { chatPage } = options;
  const base = {
    ...urls,
    ...runtime.credentials(),
    smsNumber,
    whatsappNumber,
    ...(chatPage === undefined ? {} : { chatPage }),
  };
  const info =
    authority === undefined
      ? base
      : { ...base, caFile: authority.certificateFile, serverKeyHash: authority.serverKeyHash };
  return {
    ...info,
    info,
    get clock() {
      return runtime.clock;
    },
    settle: () => runtime.settle(),
    async advance(ms) {
      await runtime.advance(ms);
      await committed();
    },
    reset: () => reset(),
    async close() {
      runtime.dispose();
      await server.close();
      await store?.close();
    },
  };
}

function replacesState({ url }: Pick<HttpRequest, "url">): boolean {
  return /^\/_emulator\/(reset|restore)(\?|$)/.test(url);
}

function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
