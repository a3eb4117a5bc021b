import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Cancel, Clock } from "../clock.ts";
import { type DeliveryError, noAnswer } from "./overrides.ts";

/** A request as it is sent. A GET has an empty body. */
export interface OutgoingRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The response, or the error with its code in Twilio's debugger. */
export type Outcome =
  | {
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: string;
      readonly error: undefined;
    }
  | { readonly status: undefined; readonly body: undefined; readonly error: DeliveryError };

/** How long an exchange may take, in milliseconds of the clock or of real time, whichever passes first. */
export interface Limits {
  /** To connect, TLS included; undefined: until `total`. */
  readonly connectMs: number | undefined;
  /** From the request, or a chunk of the response, to the next chunk; undefined: until `total`. */
  readonly readMs: number | undefined;
  /** Aborted when the time for this and all other attempts is over. */
  readonly total: AbortSignal;
  /** The error when that time is over. */
  readonly totalError: DeliveryError;
}

/** Bytes of a response that are kept; the rest is ignored. */
const longestAnswer = 256 * 1024;

/** Sends webhooks over HTTP, with connections that are kept alive. */
export class HttpClient {
  readonly #clock: Clock;
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https = new HttpsAgent({ keepAlive: true });
  readonly #closing = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sends one request and waits within the limits for the whole response. Never rejects. */
  async send(request: OutgoingRequest, limits: Limits): Promise<Outcome> {
    const progress = new Progress(this.#clock, limits);
    const signal = AbortSignal.any([progress.signal, limits.total, this.#closing.signal]);
    try {
      return { ...(await this.#exchange(request, signal, progress)), error: undefined };
    } catch (error) {
      const timedOut = limits.total.aborted ? limits.totalError : progress.timedOut;
      const reason = timedOut ?? explain(error, progress.isConnected);
      return { status: undefined, body: undefined, error: reason };
    } finally {
      progress.end();
    }
  }

  /** Aborts all requests and closes every connection. */
  close(): void {
    this.#closing.abort("closing");
    this.#http.destroy();
    this.#https.destroy();
  }

  /**
   * Sends the request, and repeats it when a kept-alive connection was closed: then the server has not received the
   * first one.
   */
  #exchange(
    request: OutgoingRequest,
    signal: AbortSignal,
    progress: Progress,
    isRetry = false,
  ): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
    return new Promise((resolve, reject) => {
      const { method, headers, body } = request;
      const url = new URL(request.url);
      const isHttps = url.protocol === "https:";
      const send = isHttps ? httpsRequest : httpRequest;
      const outgoing = send(url, { method, headers, signal, agent: isHttps ? this.#https : this.#http });
      outgoing.on("socket", (socket) => {
        if (!socket.connecting) return progress.reading();
        progress.connecting();
        socket.once(isHttps ? "secureConnect" : "connect", () => progress.reading());
      });
      outgoing.on("response", (response) => {
        readAnswer(response, progress).then(
          (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
          reject,
        );
      });
      // After an upgrade there is no response event.
      outgoing.on("upgrade", ({ statusCode }, socket) => {
        socket.destroy();
        const error = new Error(`the response ${statusCode} requires another protocol`);
        reject(Object.assign(error, { code: "HPE_PAUSED_UPGRADE" }));
      });
      outgoing.on("error", (error: NodeJS.ErrnoException) => {
        if (!isRetry && outgoing.reusedSocket && error.code === "ECONNRESET") {
          this.#exchange(request, signal, progress, true).then(resolve, reject);
        } else reject(error);
      });
      outgoing.end(body === "" ? undefined : body);
    });
  }
}

/** The phase of a request; connecting and reading have their own time limits. */
class Progress {
  isConnected = false;
  /** Why it was aborted, if it was. */
  timedOut: DeliveryError | undefined;
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #abort = new AbortController();
  #cancelDeadline: Cancel = () => {};

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Aborted when a phase takes too long. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  connecting(): void {
    this.isConnected = false;
    this.#begin(this.#limits.connectMs, noConnection);
  }

  /** Waits for the next chunk of the response. */
  reading(): void {
    this.isConnected = true;
    this.#begin(this.#limits.readMs, noAnswer);
  }

  end(): void {
    this.#cancelDeadline();
  }

  #begin(ms: number | undefined, errorOf: (ms: number) => DeliveryError): void {
    this.#cancelDeadline();
    if (ms === undefined) return;
    this.#cancelDeadline = this.#clock.deadline(ms, () => {
      this.timedOut = errorOf(ms);
      this.#abort.abort();
    });
  }
}

async function readAnswer(response: IncomingMessage, progress: Progress): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  progress.reading();
  for await (const chunk of response as AsyncIterable<Buffer>) {
    progress.reading();
    size += chunk.length;
    if (size <= longestAnswer) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function noConnection(ms: number): DeliveryError {
  return { code: 11205, message: `HTTP connection failure: no connection within ${ms / 1000} s` };
}

function explain(error: unknown, isConnected: boolean): DeliveryError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = error instanceof Error ? error.message : String(error);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return { code: 11210, message: `HTTP bad host name: ${reason}` };
  if (code.startsWith("HPE_")) return { code: 11206, message: `HTTP protocol violation: ${reason}` };
  if (isConnected) return { code: 11200, message: `HTTP retrieval failure: ${reason}` };
  return { code: 11205, message: `HTTP connection failure: ${reason}` };
}
