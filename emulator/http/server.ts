import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { HttpResponse } from "./response.ts";

/** A complete request. `url` is path and query as they were sent. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as text; undefined if it was too long. */
  readonly body: string | undefined;
  /** The body as bytes; undefined for a request that was created from text. */
  readonly bytes?: Buffer | undefined;
}

/** Options of a server. */
export interface ServerOptions {
  readonly port: number;
  readonly host: string;
  /** The maximum length of a body, in bytes. */
  longestBody(url: string): number;
  /** Whether the request will be rejected because of its head, which has no body: then the body is not read. */
  isRejected?(head: HttpRequest): boolean;
  /**
   * Answers a request; "cut" closes the connection without a response; so does an error, which is a defect.
   */
  handle(request: HttpRequest): Promise<HttpResponse | "cut">;
  log(message: string): void;
  /** Answers CONNECT of programs that use this server as their proxy; `accept` adds the tunnel as a connection. */
  readonly connect?: ((accept: (socket: Duplex) => void) => ConnectListener) | undefined;
  /** Takes over the socket of a request to upgrade; if undefined, such requests are answered like others. */
  readonly upgrade?: ConnectListener | undefined;
}

type ConnectListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A listening server. */
export interface HttpServer {
  /** The requested port, or the one that the system chose. */
  readonly port: number;
  close(): Promise<void>;
}

/** Longer than the pauses of a client that keeps its connections, so that it rarely writes into a closing one. */
const keepAliveMs = 65_000;

/** Listens and answers each request. Rejects with Node's error if the port is not available. */
export async function startServer(options: ServerOptions): Promise<HttpServer> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error) => {
      options.log(`${request.method} ${request.url}: ${error instanceof Error ? error.message : error}`);
      response.destroy();
    });
  });
  server.keepAliveTimeout = keepAliveMs;
  server.on("clientError", (_error, socket) => {
    if (socket.writable)
      socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    else socket.destroy();
  });
  if (options.connect !== undefined)
    server.on(
      "connect",
      options.connect((socket) => server.emit("connection", socket)),
    );
  if (options.upgrade !== undefined) server.on("upgrade", options.upgrade);
  await listen(server, options);
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

function listen(server: Server, { port, host }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ServerOptions,
): Promise<void> {
  const { method = "GET", url = "/", headers } = request;
  const isWithoutBody =
    method === "GET" || options.isRejected?.({ method, url, headers, bytes: noBytes, body: "" });
  const bytes = isWithoutBody ? noBytes : await readBody(request, options.longestBody(url));
  let text: string | undefined;
  const handled = options.handle({
    method,
    url,
    headers,
    bytes,
    get body() {
      text ??= bytes?.toString("utf8");
      return text;
    },
  });
  const reply = await handled;
  if (reply === "cut") response.destroy();
  else write(response, reply);
}

const noBytes = Buffer.alloc(0);

/**
 * The body; undefined if it is too long, then it is read to its end and discarded. Uses events: the iterator of a
 * stream adds a tenth to the time of a write.
 */
function readBody(request: IncomingMessage, longest: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= longest) chunks.push(chunk);
    });
    request.on("end", () => resolve(size <= longest ? Buffer.concat(chunks) : undefined));
    request.on("error", reject);
  });
}

function write(response: ServerResponse, reply: HttpResponse): void {
  if (reply.stream !== undefined) {
    writeStream(response, reply, reply.stream);
    return;
  }
  const headers: Record<string, string | number> = { ...reply.headers };
  if (reply.body === undefined) {
    if (reply.status !== 204) headers["Content-Length"] = 0;
    response.writeHead(reply.status, headers).end();
    return;
  }
  const content = Buffer.isBuffer(reply.body) ? reply.body : JSON.stringify(reply.body);
  headers["Content-Type"] ??= "application/json; charset=utf-8";
  headers["Content-Length"] = Buffer.byteLength(content);
  response.writeHead(reply.status, headers).end(content);
}

function writeStream(
  response: ServerResponse,
  reply: HttpResponse,
  begin: NonNullable<HttpResponse["stream"]>,
): void {
  // A client that has disconnected already emits no further close event.
  if (response.closed) return;
  response.writeHead(reply.status, reply.headers).flushHeaders();
  const stop = begin({
    write(text) {
      // An unhandled error event ends the process.
      if (!response.writableEnded && !response.destroyed) response.write(text);
    },
    end: () => response.end(),
  });
  response.once("close", stop);
}
