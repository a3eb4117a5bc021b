import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

/** An outgoing HTTP request. */
export interface OutgoingRequest {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Time for the whole exchange, in milliseconds. */
  readonly timeoutMs: number;
}

/** The answer, with any status. */
export interface IncomingAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** There was no answer. `sent` tells whether the server may have processed the request nevertheless. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  readonly sent: boolean;
  readonly timedOut: boolean;

  constructor(message: string, options: { sent: boolean; timedOut: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.sent = options.sent;
    this.timedOut = options.timedOut;
  }
}

const IDLE_LIMIT_MS = 4_000;
const LARGEST_ANSWER_BYTES = 8 * 1024 * 1024;

const agents = {
  "http:": new HttpAgent({ keepAlive: true }),
  "https:": new HttpsAgent({ keepAlive: true }),
};
let lastUse = 0;

/**
 * A sandbox that was frozen between two calls resumes with sockets that the server may have closed, and it is
 * unknown whether a request written to one has arrived. Timers do not run while frozen, so the wall clock is compared.
 */
function dropStaleSockets(): void {
  const now = Date.now();
  if (now - lastUse > IDLE_LIMIT_MS) {
    for (const agent of Object.values(agents)) {
      for (const sockets of Object.values(agent.freeSockets))
        for (const socket of sockets ?? []) socket.destroy();
    }
  }
  lastUse = now;
}

/** The name for TLS (RFC 6066, 3), which an IP address must not be. */
const serverNameOf = (hostname: string): string => (/^[\d.]+$|^\[/.test(hostname) ? "" : hostname);

/**
 * Sends one request over a shared keep-alive connection and reads the whole answer.
 *
 * @throws {NoAnswer} when the connection fails, the time runs out, or the answer is over 8 MB.
 */
export function sendRequest(outgoing: OutgoingRequest): Promise<IncomingAnswer> {
  dropStaleSockets();
  const url = new URL(outgoing.url);
  const isHttps = url.protocol === "https:";
  const headers: Record<string, string> = { ...outgoing.headers };
  if (outgoing.body !== undefined) headers["content-length"] = String(Buffer.byteLength(outgoing.body));
  return new Promise((resolve, reject) => {
    let sent = false;
    let timedOut = false;
    const fail = (cause: Error) => {
      clearTimeout(timer);
      reject(
        new NoAnswer(`${outgoing.method} ${url.host}${url.pathname}: ${cause.message}`, {
          sent,
          timedOut,
          cause,
        }),
      );
    };
    const request = (isHttps ? httpsRequest : httpRequest)(url, {
      method: outgoing.method,
      agent: isHttps ? agents["https:"] : agents["http:"],
      // Set, so that Node does not derive it from the Host header: the regular expression for IPv6 that it would
      // compile takes 4 ms of a cold start.
      servername: isHttps ? serverNameOf(url.hostname) : "",
      headers,
    });
    const timer = setTimeout(() => {
      timedOut = true;
      request.destroy(new Error(`no answer within ${outgoing.timeoutMs} ms`));
    }, outgoing.timeoutMs);
    request.on("socket", (socket) => {
      // Nothing reaches the server before the connection is established: after an error until then, repeating is safe.
      if (socket.connecting) socket.once(isHttps ? "secureConnect" : "connect", () => (sent = true));
      else sent = true;
    });
    request.on("error", fail);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > LARGEST_ANSWER_BYTES) response.destroy(new Error("the answer is too large"));
        else chunks.push(chunk);
      });
      response.on("error", fail);
      response.on("end", () => {
        clearTimeout(timer);
        lastUse = Date.now();
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString("utf8"),
        });
      });
    });
    request.end(outgoing.body);
  });
}
