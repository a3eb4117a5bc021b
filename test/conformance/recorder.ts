import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A request and its response on the wire. */
export interface Exchange {
  /** The sender: the name given to {@link Recorder.enter}. */
  readonly scenario: string;
  readonly method: string;
  /** The host that the client addressed: "conversations.twilio.com". */
  readonly host: string;
  /** Path and query. */
  readonly url: string;
  readonly requestHeaders: IncomingHttpHeaders;
  readonly requestBody: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A recording proxy in front of a server. */
export interface Recorder {
  /** The URL to use instead of the server's. */
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  /** Records further requests under the name `scenario`. */
  enter(scenario: string): void;
  close(): Promise<void>;
}

/**
 * Starts a recording proxy on loopback in front of `target` ("http://127.0.0.1:PORT"). Host, headers and body are
 * forwarded unchanged.
 */
export async function startRecorder(target: string): Promise<Recorder> {
  const exchanges: Exchange[] = [];
  let scenario = "";
  const server = createServer(async (incoming, outgoing) => {
    const { method = "GET", url = "/", headers: requestHeaders } = incoming;
    const sender = scenario;
    try {
      const sent = await read(incoming);
      const answer = await forward(`${target}${url}`, method, requestHeaders, sent);
      const { statusCode: status = 0, headers } = answer;
      const body = await read(answer);
      exchanges.push({
        scenario: sender,
        method,
        host: requestHeaders.host ?? "",
        url,
        requestHeaders,
        requestBody: sent.toString("utf8"),
        status,
        headers,
        body: body.toString("utf8"),
      });
      outgoing.writeHead(status, headers).end(body);
    } catch {
      // The server closed the connection; closes that of the client.
      outgoing.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    exchanges,
    enter(name) {
      scenario = name;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function forward(
  url: string,
  method: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers }, resolve).on("error", reject).end(body);
  });
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
