import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { urlToHttpOptions } from "node:url";
import type { Cancel, Clock } from "../clock.ts";
import { remember } from "../remember.ts";
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

/** The end of the time for all attempts. It costs less than an `AbortSignal`, of which each request needs several. */
export class TimeLimit {
  isOver = false;
  /** Called at the end. */
  ended: () => void = () => {};

  end(): void {
    this.isOver = true;
    this.ended();
  }
}

/** How long an exchange may take, in milliseconds of the clock or of real time, whichever passes first. */
export interface Limits {
  /** To connect, TLS included; undefined: until `total`. */
  readonly connectMs: number | undefined;
  /** From the request, or a chunk of the response, to the next chunk; undefined: until `total`. */
  readonly readMs: number | undefined;
  /** Ends when the time for this and all other attempts is over. */
  readonly total: TimeLimit;
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
  readonly #active = new Set<Progress>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sends one request and waits within the limits for the whole response. Never rejects. */
  async send(request: OutgoingRequest, limits: Limits): Promise<Outcome> {
    const progress = new Progress(this.#clock, limits);
    this.#active.add(progress);
    try {
      return { ...(await this.#exchange(request, progress)), error: undefined };
    } catch (error) {
      const timedOut = limits.total.isOver ? limits.totalError : progress.timedOut;
      const reason = timedOut ?? explain(error, progress.isConnected);
      return { status: undefined, body: undefined, error: reason };
    } finally {
      progress.end();
      this.#active.delete(progress);
    }
  }

  /** Aborts all requests and closes every connection. */
  close(): void {
    for (const progress of this.#active) progress.abort();
    this.#http.destroy();
    this.#https.destroy();
  }

  /**
   * Sends the request, and repeats it when a kept-alive connection was closed: then the server has not received the
   * first one.
   */
  #exchange(
    request: OutgoingRequest,
    progress: Progress,
    isRetry = false,
  ): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
    return new Promise((resolve, reject) => {
      const { method, headers, body } = request;
      const destination = destinationOf(request.url);
      const isHttps = destination.protocol === "https:";
      const send = isHttps ? httpsRequest : httpRequest;
      const agent = isHttps ? this.#https : this.#http;
      const outgoing = send({ ...destination, method, headers, agent });
      progress.begin(outgoing);
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
        if (!isRetry && !progress.isAborted && outgoing.reusedSocket && error.code === "ECONNRESET") {
          this.#exchange(request, progress, true).then(resolve, reject);
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
  isAborted = false;
  #outgoing: ClientRequest | undefined;
  #cancelDeadline: Cancel = () => {};

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock;
    this.#limits = limits;
    limits.total.ended = () => this.abort();
  }

  begin(outgoing: ClientRequest): void {
    this.#outgoing = outgoing;
    if (this.isAborted || this.#limits.total.isOver) this.abort();
  }

  /** Ends the request with an error. */
  abort(): void {
    this.isAborted = true;
    this.#outgoing?.destroy(new Error("The request was aborted"));
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
    this.#limits.total.ended = () => {};
  }

  #begin(ms: number | undefined, errorOf: (ms: number) => DeliveryError): void {
    this.#cancelDeadline();
    if (ms === undefined) return;
    this.#cancelDeadline = this.#clock.deadline(ms, () => {
      this.timedOut = errorOf(ms);
      this.abort();
    });
  }
}

/** Uses events: the iterator of a stream costs a tenth of a request. */
function readAnswer(response: IncomingMessage, progress: Progress): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    progress.reading();
    response.on("data", (chunk: Buffer) => {
      progress.reading();
      size += chunk.length;
      if (size <= longestAnswer) chunks.push(chunk);
    });
    response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    response.on("error", reject);
  });
}

/** The options of a request to a URL, without headers. */
const destinationOf = remember((url) => {
  const { protocol, hostname, port, path, auth } = urlToHttpOptions(new URL(url));
  return { protocol, hostname, port, path, auth };
});

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
