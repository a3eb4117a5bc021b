import { EventEmitter, once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import type { Outgoing } from "../../../emulator/http/response.ts";
import { type HttpServer, startServer } from "../../../emulator/http/server.ts";

let server: HttpServer | undefined;
afterEach(() => server?.close());

/** A server whose every answer goes on, as `begin` has it. Returns its URL, and what it logs. */
async function serve(begin: (outgoing: Outgoing) => () => void) {
  const logged: string[] = [];
  server = await startServer({
    port: 0,
    host: "127.0.0.1",
    longestBody: () => 0,
    handle: async () => ({ status: 200, headers: { "Content-Type": "text/plain" }, stream: begin }),
    log: (message) => logged.push(message),
  });
  return { url: `http://127.0.0.1:${server.port}`, logged };
}

describe("an answer that goes on", () => {
  it("is what is written until its end, and what comes later is lost", async () => {
    const { url, logged } = await serve(({ write, end }) => {
      write("one ");
      setImmediate(() => {
        write("two");
        end();
        write("three");
      });
      return () => write("four");
    });
    expect(await (await fetch(url)).text()).toBe("one two");
    expect(await (await fetch(url)).text()).toBe("one two");
    expect(logged).toEqual([]);
  });

  it("ends once, whichever side ends it", async () => {
    let times = 0;
    const streams = new EventEmitter();
    const { url } = await serve(({ write }) => {
      write("on and on");
      return () => {
        times += 1;
        write("too late");
        streams.emit("stopped");
      };
    });
    const leaving = new AbortController();
    const response = await fetch(url, { signal: leaving.signal });
    await response.body?.getReader().read();
    const stopped = once(streams, "stopped");
    leaving.abort();
    await stopped;
    await server?.close();
    expect(times).toBe(1);
  });
});

describe("a request whose head is rejected", () => {
  it("is answered before its body is sent", async () => {
    server = await startServer({
      port: 0,
      host: "127.0.0.1",
      longestBody: () => Number.POSITIVE_INFINITY,
      isRejected: ({ headers }) => headers.authorization === undefined,
      handle: async ({ bytes }) => ({ status: 403, body: { read: bytes?.length } }),
      log: () => undefined,
    });
    const sent = request({ port: server.port, method: "POST", headers: { "content-length": 1e9 } });
    sent.flushHeaders();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    expect(JSON.parse(await text(response))).toEqual({ read: 0 });
    sent.destroy();
  });
});
