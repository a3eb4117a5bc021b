import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { request as secureRequest } from "node:https";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../emulator/emulator.ts";
import { temporaryDirectory } from "./support/process.ts";

let emulator: Emulator;

beforeEach(async () => {
  emulator = await startEmulator({ proxy: temporaryDirectory() });
});
afterEach(() => emulator.close());

const portOf = () => Number(new URL(emulator.url).port);

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response) text += chunk;
  return text;
}

/** Asks the proxy for a tunnel. */
async function openTunnel(target: string) {
  const outgoing = request({ port: portOf(), host: "127.0.0.1", method: "CONNECT", path: target }).end();
  const [response, socket] = await Promise.race([once(outgoing, "connect"), once(outgoing, "response")]);
  return { status: response.statusCode as number, socket };
}

/** A GET through a tunnel, as an HTTPS client sends it. */
async function getThroughTunnel(host: string, path: string): Promise<{ status: number; body: string }> {
  const { socket } = await openTunnel(`${host}:443`);
  const { accountSid, authToken, caFile = "" } = emulator;
  const outgoing = secureRequest({
    host,
    path,
    auth: `${accountSid}:${authToken}`,
    ca: readFileSync(caFile),
    agent: false,
    createConnection: undefined,
    socket,
  } as never).end();
  const [response] = await once(outgoing, "response");
  return { status: response.statusCode, body: await textOf(response) };
}

/** A request as a proxy gets it for a URL that is not encrypted. */
async function getAbsolute(url: string): Promise<{ status: number; body: string }> {
  const { accountSid, authToken } = emulator;
  const options = { port: portOf(), host: "127.0.0.1", path: url, auth: `${accountSid}:${authToken}` };
  const [response] = await once(request(options).end(), "response");
  return { status: response.statusCode, body: await textOf(response) };
}

describe("the proxy", () => {
  it("answers for Twilio's hosts inside a tunnel, under their own URLs", async () => {
    const host = "conversations.twilio.com";
    const { status, body } = await getThroughTunnel(host, "/v1/Conversations");
    expect(status).toBe(200);
    expect(JSON.parse(body).meta.url).toBe(`https://${host}/v1/Conversations?PageSize=50&Page=0`);
  });

  it("answers for Twilio's hosts without a tunnel", async () => {
    expect((await getAbsolute("http://conversations.twilio.com/v1/Conversations")).status).toBe(200);
    expect((await getAbsolute("https://conversations.twilio.com/v1/Users?PageSize=1")).status).toBe(200);
    expect((await getAbsolute("http://conversations.twilio.com")).status).toBe(404);
  });

  it("does not open its control API to them", async () => {
    expect((await getThroughTunnel("conversations.twilio.com", "/_emulator/clock")).status).toBe(404);
    expect((await getAbsolute(`${emulator.controlUrl}/clock`)).status).toBe(200);
  });

  it.each(["example.com:443", "twilio.com.example.com:443", "eviltwilio.com:443", "127.0.0.1:22", "%"])(
    "refuses a tunnel to %j with 403 and says why",
    async (target) => {
      const socket = connect(portOf(), "127.0.0.1");
      socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
      let text = "";
      socket.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      await once(socket, "close");
      expect(text).toMatch(/^HTTP\/1\.1 403 /);
      expect(text).toContain("The emulator is a proxy for *.twilio.com alone");
    },
  );

  it("refuses other hosts without a tunnel", async () => {
    const { status, body } = await getAbsolute("http://example.com/");
    expect(status).toBe(403);
    expect(JSON.parse(body).error).toContain("does not connect to example.com");
  });

  it("survives tunnels that are dropped, and what is not TLS in them", async () => {
    for (const bytes of ["", "GET / HTTP/1.1\r\n\r\n", "\u0016\u0003\u0001 nonsense"]) {
      const { socket } = await openTunnel("api.twilio.com:443");
      socket.on("error", () => {});
      socket.end(bytes);
      socket.resume();
      await once(socket, "close");
    }
    const { socket } = await openTunnel("api.twilio.com:443");
    socket.resetAndDestroy();
    expect((await getThroughTunnel("conversations.twilio.com", "/v1/Users")).status).toBe(200);
  });

  it("is off unless it is asked for: then a tunnel is refused", async () => {
    const plain = await startEmulator();
    const { port } = new URL(plain.url);
    const outgoing = request({
      port,
      host: "127.0.0.1",
      method: "CONNECT",
      path: "api.twilio.com:443",
    }).end();
    const [error] = await once(outgoing, "error").catch((reason) => [reason]);
    expect(error.code).toBe("ECONNRESET");
    await plain.close();
  });
});
