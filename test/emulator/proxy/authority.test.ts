import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { connect, createServer } from "node:tls";
import { describe, expect, it } from "vitest";
import { Authority } from "../../../emulator/proxy/authority.ts";
import { temporaryDirectory } from "../support/process.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** What a TLS client that trusts nobody else makes of a server of that name: "trusted", or why it is not. */
async function handshake(authority: Authority, host: string, expected = host): Promise<string> {
  const server = createServer({ SNICallback: (_name, done) => done(null, authority.contextFor(host)) });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const ca = readFileSync(authority.certificateFile);
  const socket = connect({ port, host: "127.0.0.1", servername: expected, ca });
  const outcome = await once(socket, "secureConnect").then(
    () => "trusted",
    (error: Error) => error.message,
  );
  socket.destroy();
  server.close();
  return outcome;
}

describe("the certificate authority", () => {
  it.each(["conversations.twilio.com", "api.twilio.com", "conversations.dublin.ie1.twilio.com"])(
    "vouches for %s",
    async (host) => {
      expect(await handshake(new Authority(temporaryDirectory()), host)).toBe("trusted");
    },
  );

  it("vouches for a host under no other name, and for nothing outside twilio.com", async () => {
    const authority = new Authority(temporaryDirectory());
    expect(await handshake(authority, "api.twilio.com", "chat.twilio.com")).toContain(
      "does not match certificate's altnames",
    );
    expect(await handshake(authority, "example.com")).toBe("permitted subtree violation");
  });

  it("makes certificates that OpenSSL reads: an authority, and servers that it has issued", () => {
    const authority = new Authority(temporaryDirectory());
    const ca = new X509Certificate(readFileSync(authority.certificateFile));
    expect(ca).toMatchObject({ ca: true, subject: ca.issuer });
    expect(ca.subject).toMatch(/^CN=Emulator of Twilio Conversations /);
    expect(ca.verify(ca.publicKey)).toBe(true);
  });

  it("stays the same in its directory, where its key is readable by its owner alone", () => {
    const directory = temporaryDirectory();
    const first = new Authority(directory);
    const certificate = readFileSync(first.certificateFile, "utf8");
    expect(readFileSync(new Authority(directory).certificateFile, "utf8")).toBe(certificate);
    expect(statSync(join(directory, "authority.pem")).mode & 0o777).toBe(0o600);
    expect(certificate).not.toContain("PRIVATE KEY");
  });

  it("is made anew when it runs out, and when its file is damaged", async () => {
    const directory = temporaryDirectory();
    const old = readFileSync(new Authority(directory, Date.now() - 500 * dayMs).certificateFile, "utf8");
    const renewed = new Authority(directory);
    const certificate = readFileSync(renewed.certificateFile, "utf8");
    expect(certificate).not.toBe(old);
    expect(await handshake(renewed, "api.twilio.com")).toBe("trusted");
    writeFileSync(join(directory, "authority.pem"), "nonsense");
    expect(await handshake(new Authority(directory), "api.twilio.com")).toBe("trusted");
  });
});
