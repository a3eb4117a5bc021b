import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Clock } from "../clock.ts";

/** A request as it goes on the wire. A GET has an empty body. */
export interface OutgoingRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came back, or what went wrong, with the code under which Twilio's debugger lists it. */
export type Outcome =
  | { readonly status: number; readonly body: string; readonly error: undefined }
  | { readonly status: undefined; readonly body: undefined; readonly error: DeliveryError };

/** A failure, under the code of Twilio's debugger. */
export interface DeliveryError {
  readonly code: number;
  readonly message: string;
}

/** Answers are read up to here; the rest is not looked at. */
const longestAnswer = 256 * 1024;

/** Sends webhooks over real HTTP, with connections that are kept for the next one. */
export class HttpClient {
  readonly #clock: Clock;
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https = new HttpsAgent({ keepAlive: true });
  readonly #closing = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sends one request and waits at most `timeoutMs` for the whole answer. Never rejects. */
  async send(request: OutgoingRequest, timeoutMs: number): Promise<Outcome> {
    const abort = new AbortController();
    const cancelDeadline = this.#clock.deadline(timeoutMs, () => abort.abort("timeout"));
    const signal = AbortSignal.any([abort.signal, this.#closing.signal]);
    try {
      const { status, body } = await this.#exchange(request, signal);
      return { status, body, error: undefined };
    } catch (error) {
      const timedOut = abort.signal.aborted;
      return {
        status: undefined,
        body: undefined,
        error: timedOut ? timeoutError(timeoutMs) : explain(error),
      };
    } finally {
      cancelDeadline();
    }
  }

  /** Drops what is on the wire and every kept connection. */
  close(): void {
    this.#closing.abort("closing");
    this.#http.destroy();
    this.#https.destroy();
  }

  /**
   * One exchange, and a second one when a kept connection turns out to be closed already: then the server has
   * not seen the first.
   */
  #exchange(
    request: OutgoingRequest,
    signal: AbortSignal,
    isRetry = false,
  ): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const { method, headers, body } = request;
      const url = new URL(request.url);
      const isHttps = url.protocol === "https:";
      const send = isHttps ? httpsRequest : httpRequest;
      const outgoing = send(url, { method, headers, signal, agent: isHttps ? this.#https : this.#http });
      outgoing.on("response", (response) => {
        readAnswer(response).then(
          (text) => resolve({ status: response.statusCode ?? 0, body: text }),
          reject,
        );
      });
      outgoing.on("error", (error: NodeJS.ErrnoException) => {
        if (!isRetry && outgoing.reusedSocket && error.code === "ECONNRESET") {
          this.#exchange(request, signal, true).then(resolve, reject);
        } else reject(error);
      });
      outgoing.end(body === "" ? undefined : body);
    });
  }
}

async function readAnswer(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= longestAnswer) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function timeoutError(timeoutMs: number): DeliveryError {
  return { code: 11200, message: `HTTP retrieval failure: no answer within ${timeoutMs / 1000} s` };
}

function explain(error: unknown): DeliveryError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = error instanceof Error ? error.message : String(error);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return { code: 11210, message: `HTTP bad host name: ${reason}` };
  if (code.startsWith("HPE_")) return { code: 11206, message: `HTTP protocol violation: ${reason}` };
  return { code: 11205, message: `HTTP connection failure: ${reason}` };
}
