import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A web server with files to fetch, some of them invalid. */
export interface MediaServer {
  readonly url: string;
  /** How many bytes of `/endless` it has written. */
  endless(): number;
  close(): Promise<void>;
}

/** Bytes that are not text. */
export const fileOf = (size: number): Buffer =>
  Buffer.from(Array.from({ length: size }, (_, at) => at % 256));

const CHUNK = fileOf(64 * 1024);

/**
 * Starts it on a free port. With `first` and `key` in its query, the first request with that key gets the status `first` and the
 * `Retry-After` in `after`, or no answer for `cut`.
 */
export async function startMediaServer(): Promise<MediaServer> {
  let sent = 0;
  const pages: Readonly<Record<string, (response: ServerResponse, query: URLSearchParams) => unknown>> = {
    "/file": (response, query) =>
      response
        .setHeader("content-type", query.get("type") ?? "image/png")
        .end(fileOf(Number(query.get("size") ?? 300))),
    "/pictures/a%20cat.png": (response) =>
      response.setHeader("content-type", "image/png; charset=binary").end(fileOf(300)),
    "/..%2F..%5Cevil%E2%80%AE%0D%0A.png": (response) =>
      response.setHeader("content-type", "image/png").end(fileOf(300)),
    "/untyped": (response) => response.end("file"),
    "/compressed": (response) =>
      response.writeHead(200, { "content-type": "image/png", "content-encoding": "gzip" }).end("file"),
    "/missing": (response) => response.writeHead(404, { "content-type": "image/png" }).end("file"),
    "/announced": (response) =>
      response.writeHead(200, { "content-type": "image/png", "content-length": 1e9 }).write("file"),
    "/broken": (response) => {
      response.writeHead(200, { "content-type": "image/png", "content-length": 1_000 }).write("file");
      setImmediate(() => response.destroy());
    },
    "/endless": (response) => {
      response.setHeader("content-type", "image/png");
      const pour = () => {
        if (response.destroyed) return;
        sent += CHUNK.length;
        if (response.write(CHUNK)) setImmediate(pour);
      };
      response.on("drain", pour);
      pour();
    },
    "/down": (response) => response.writeHead(503, { "retry-after": "0" }).end(),
    "/hang": () => undefined,
    "/to": (response, query) => response.writeHead(302, { location: query.get("url") ?? "" }).end(),
  };
  const asked = new Set<string>();
  const server = createServer((request, response) => {
    const [path = "", query = ""] = (request.url ?? "").split("?");
    const { first, after = "0", key } = Object.fromEntries(new URLSearchParams(query));
    if (first !== undefined && key !== undefined && !asked.has(key)) {
      asked.add(key);
      if (first === "cut") response.destroy();
      else response.writeHead(Number(first), { "retry-after": after }).end();
      return;
    }
    response.on("error", () => undefined);
    pages[path]?.(response, new URLSearchParams(query));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    endless: () => sent,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
