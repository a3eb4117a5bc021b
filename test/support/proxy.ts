import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import type { AddressInfo } from "node:net";

/** A request on its way through. */
export interface Passing {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly body: string;
}

/**
 * What happens to it: it passes; it never arrives; it arrives and its answer is lost; it hangs; it is answered with an error,
 * whether it `arrives` or not; or it arrives twice, at the same instant or one after the other.
 */
export type Fate =
  | "pass"
  | "drop"
  | "lose-answer"
  | "hang"
  | "twice-at-once"
  | "twice-in-turn"
  | { readonly status: number; readonly arrives?: true };

/** An HTTP proxy in front of one server, for what goes wrong on the way. */
export interface FaultyProxy {
  readonly url: string;
  /** Where requests go. May be changed at any time. */
  target: string;
  /** Decides about each request. Everything passes until this is set. */
  decide: (passing: Passing) => Fate;
  /** Requests wait for this before anything else happens to them. */
  hold: Promise<void>;
  close(): Promise<void>;
}

interface Forwarded {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** How often a request arrives, and the answer that goes back; none where the connection breaks. */
const ARRIVALS: Record<
  Exclude<Fate, object>,
  (arrive: () => Promise<Forwarded>) => Promise<Forwarded | undefined>
> = {
  pass: (arrive) => arrive(),
  drop: async () => undefined,
  "lose-answer": (arrive) => arrive().then(() => undefined),
  hang: () => new Promise(() => undefined),
  "twice-at-once": async (arrive) => (await Promise.all([arrive(), arrive()]))[0],
  "twice-in-turn": (arrive) => arrive().then((first) => arrive().then(() => first)),
};

async function failed(
  { status, arrives }: Extract<Fate, object>,
  arrive: () => Promise<Forwarded>,
): Promise<Forwarded> {
  if (arrives) await arrive();
  const code = status === 429 ? 20429 : 20500;
  const body = Buffer.from(JSON.stringify({ code, message: "made up on the way", status }));
  return { status, headers: { "content-type": "application/json" }, body };
}

/** Starts a proxy on a port that the system chooses. */
export async function startProxy(): Promise<FaultyProxy> {
  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: FaultyProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    target: "",
    decide: () => "pass",
    hold: Promise.resolve(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const passing = { method: request.method ?? "", path: request.url ?? "", body: body.toString("utf8") };
    await proxy.hold;
    const fate = proxy.decide(passing);
    const arrive = () => forward(proxy.target, passing, request.headers, body);
    const answer = typeof fate === "object" ? await failed(fate, arrive) : await ARRIVALS[fate](arrive);
    if (answer === undefined) request.socket.destroy();
    else response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  return proxy;
}

function forward(
  target: string,
  { method, path }: Passing,
  headers: IncomingMessage["headers"],
  body: Buffer,
): Promise<Forwarded> {
  return new Promise((resolve, reject) => {
    const outgoing = send(`${target}${path}`, { method, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const { "transfer-encoding": _chunked, connection: _connection, ...others } = incoming.headers;
        resolve({ status: incoming.statusCode ?? 0, headers: others, body: Buffer.concat(chunks) });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
