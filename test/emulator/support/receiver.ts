import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as a webhook receiver got it. `fields` are the parameters of the body, or of the query for a GET. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly fields: ReadonlyMap<string, string>;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** The values of `field` in everything received, in order. */
  values(field: string): (string | undefined)[];
  close(): Promise<void>;
}

export type Respond = (request: Received, response: ServerResponse) => void;

/** A real HTTP server for webhooks; answers 200 with nothing unless told otherwise. */
export async function startReceiver(
  respond: Respond = (_request, response) => response.end(),
): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString("utf8");
    const { method = "", url = "", headers } = request;
    const form = new URLSearchParams(method === "GET" ? (url.split("?")[1] ?? "") : body);
    const entry = { method, url, headers, body, fields: new Map(form) };
    received.push(entry);
    respond(entry, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    values: (field) => received.map(({ fields }) => fields.get(field)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
