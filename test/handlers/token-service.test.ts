import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashPassword } from "../../core/access/password.ts";
import { accessTokenPayload, credentials } from "../support/credentials.ts";
import { type Deployment, platforms } from "../support/platforms.ts";

const pushCredential = `CR${"3".repeat(32)}`;

describe.each(platforms)("token-service on $name", (platform) => {
  let deployment: Deployment;
  let switchedOff: Deployment;

  beforeAll(async () => {
    const users = JSON.stringify({
      alice: await hashPassword("wonderland"),
      "ü & co": await hashPassword("1&2=3"),
    });
    [deployment, switchedOff] = await Promise.all([
      platform.start({
        ...credentials,
        TOKEN_SERVICE_USERS: users,
        CORS_ORIGINS: "*",
        PUSH_CREDENTIAL_SID_WEB: pushCredential,
      }),
      platform.start(credentials),
    ]);
  });
  afterAll(() => Promise.all([deployment.stop(), switchedOff.stop()]));

  const get = (query: Record<string, string>, url = deployment.url) =>
    fetch(`${url}/token-service?${new URLSearchParams(query)}`, {
      headers: { origin: "http://localhost:3000" },
    });

  it("returns the token as plain text, as the React demo expects it", async () => {
    const response = await get({ identity: "alice", password: "wonderland" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/plain");
    expect(response.headers.get("access-control-allow-origin")).toBe("http://localhost:3000");
    const payload = await accessTokenPayload(await response.text());
    expect(payload).toMatchObject({
      grants: {
        identity: "alice",
        chat: { service_sid: credentials.CHAT_SERVICE_SID, push_credential_sid: pushCredential },
      },
    });
  });

  it("accepts any characters in names and passwords", async () => {
    expect((await get({ identity: "ü & co", password: "1&2=3" })).status).toBe(200);
  });

  it.each([
    { identity: "alice", password: "wrong" },
    { identity: "alice", password: "" },
    { identity: "bob", password: "wonderland" },
    { identity: "__proto__", password: "wonderland" },
    { identity: "constructor", password: "function Object() { [native code] }" },
    { identity: "alice" },
    { password: "wonderland" },
    {},
  ])("answers %j with 401", async (query) => {
    const response = await get(query as Record<string, string>);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ status: "error", code: "unauthenticated" });
  });

  it("answers a repeated identity with 401", async () => {
    const response = await fetch(
      `${deployment.url}/token-service?identity=alice&identity=bob&password=wonderland`,
    );
    expect(response.status).toBe(401);
  });

  it("limits the failed attempts for a name, whether or not it exists", async () => {
    for (const identity of ["mallory", "ü & co"]) {
      for (let count = 0; count < 5; count++) {
        expect((await get({ identity, password: "a guess" })).status).toBe(401);
      }
      const response = await get({ identity, password: "1&2=3" });
      expect(response.status).toBe(429);
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await response.json()).toMatchObject({ code: "too_many_attempts" });
    }
    expect((await get({ identity: "alice", password: "wonderland" })).status).toBe(200);
  });

  it("is disabled unless users are configured", async () => {
    const response = await get({ identity: "alice", password: "wonderland" }, switchedOff.url);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "not_configured" });
  });

  it("never logs a password", async () => {
    await get({ identity: "alice", password: "a very particular guess" });
    await expect.poll(() => deployment.output()).toContain('"handler":"token-service"');
    const own = deployment
      .output()
      .split("\n")
      .filter((line) => line.startsWith("{"));
    expect(own.length).toBeGreaterThan(0);
    expect(own.join("\n")).not.toContain("a very particular guess");
  });
});
