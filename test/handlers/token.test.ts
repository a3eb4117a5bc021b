import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessTokenPayload, bearer, callerToken, credentials } from "../support/credentials.ts";
import { postJson } from "../support/http.ts";
import { type Deployment, platforms } from "../support/platforms.ts";

const pushCredentials = {
  PUSH_CREDENTIAL_SID_IOS: `CR${"1".repeat(32)}`,
  PUSH_CREDENTIAL_SID_ANDROID: `CR${"2".repeat(32)}`,
};

interface Body {
  readonly token: string;
  readonly identity: string;
  readonly expiresAt: string;
  readonly ttl: number;
  readonly message: string;
}

const UNSIGNED = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from('{"sub":"alice","exp":9999999999}').toString("base64url")}.`;

describe.each(platforms)("token on $name", (platform) => {
  let deployment: Deployment;
  let guestHouse: Deployment;

  const post = (url: string, body: object, headers: Record<string, string> = {}) =>
    postJson<Body>(`${url}/token`, body, headers);

  beforeAll(async () => {
    [deployment, guestHouse] = await Promise.all([
      platform.start({
        ...credentials,
        ...pushCredentials,
        CORS_ORIGINS: "https://app.example.com,https://other.example.com",
      }),
      platform.start({
        ...credentials,
        GUESTS: "true",
        TOKEN_TTL: "7200",
        JWT_IDENTITY_CLAIM: "https://example.com/identity",
      }),
    ]);
  });
  afterAll(() => Promise.all([deployment.stop(), guestHouse.stop()]));

  it("returns an access token for the configured service to a verified caller", async () => {
    const { status, body } = await post(deployment.url, {}, await bearer({ sub: "alice@example.com" }));
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(["token", "identity", "expiresAt", "ttl", "serviceSid"]);
    expect(body).toMatchObject({
      identity: "alice@example.com",
      ttl: 3600,
      serviceSid: credentials.CHAT_SERVICE_SID,
    });
    const payload = await accessTokenPayload(body.token);
    expect(payload).toMatchObject({
      iss: credentials.TWILIO_API_KEY_SID,
      sub: credentials.ACCOUNT_SID,
      grants: { identity: "alice@example.com", chat: { service_sid: credentials.CHAT_SERVICE_SID } },
    });
    expect(payload.exp - payload.iat).toBe(3600);
    expect(new Date(body.expiresAt).getTime()).toBe(payload.exp * 1000);
  });

  it("forbids caching", async () => {
    const { headers } = await post(deployment.url, {}, await bearer({ sub: "alice" }));
    expect(headers.get("cache-control")).toBe("no-store");
  });

  it.each([
    ["ios", pushCredentials.PUSH_CREDENTIAL_SID_IOS],
    ["android", pushCredentials.PUSH_CREDENTIAL_SID_ANDROID],
    ["web", undefined],
  ])("grants the push credential of %s", async (name, expected) => {
    const { body } = await post(deployment.url, { platform: name }, await bearer({ sub: "alice" }));
    expect((await accessTokenPayload(body.token)).grants.chat.push_credential_sid).toBe(expected);
  });

  it.each([
    [60, 1200],
    ["5400", 5400],
    [1_000_000, 86_400],
  ])("clamps a TTL of %s seconds to between 20 minutes and 24 hours", async (ttl, expected) => {
    const { body } = await post(deployment.url, { ttl }, await bearer({ sub: "alice" }));
    expect(body.ttl).toBe(expected);
    const { exp, iat } = await accessTokenPayload(body.token);
    expect(exp - iat).toBe(expected);
  });

  it.each([
    "system",
    " System ",
    "  ",
    "al\u200bice",
    "alice\u202e",
    "a\u0007",
    "whatsapp:+15558675310",
    "WhatsApp:+15558675310",
    "+15558675310",
    "\uff0b15558675310",
    "messenger:1234",
    `CH${"0".repeat(32)}`,
    `us${"A".repeat(32)}`,
    "GUEST-1",
  ])("rejects %j as an identity", async (sub) => {
    expect(await post(deployment.url, {}, await bearer({ sub }))).toMatchObject({
      status: 403,
      body: { code: "invalid_identity" },
    });
  });

  it.each([
    ["no credentials", {}, "unauthenticated"],
    ["another scheme", { authorization: "Basic YWxpY2U6c2VjcmV0" }, "unauthenticated"],
    ["a malformed token", { authorization: "Bearer nonsense" }, "invalid_token"],
    ["an unsigned token", { authorization: `Bearer ${UNSIGNED}` }, "invalid_token"],
  ])("rejects %s", async (_what, headers, code) => {
    const answer = await post(deployment.url, {}, headers);
    expect(answer).toMatchObject({ status: 401, body: { status: "error", code } });
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  it("rejects a token signed with another secret, an expired one and one without expiry", async () => {
    const refusals = [
      [
        await callerToken({ sub: "alice" }, { secret: "another secret of the same length, at least" }),
        "invalid_token",
      ],
      [
        await callerToken({ sub: "alice" }, { expiresIn: Math.floor(Date.now() / 1000) - 60 }),
        "token_expired",
      ],
      [await callerToken({ sub: "alice" }, { expiresIn: null }), "invalid_token"],
    ];
    for (const [token, code] of refusals) {
      const answer = await post(deployment.url, {}, { authorization: `Bearer ${token}` });
      expect(answer).toMatchObject({ status: 401, body: { code } });
    }
  });

  it.each([[{}], [{ sub: { name: "alice" } }]])(
    "rejects a token without an identity (%j)",
    async (claims) => {
      expect(await post(deployment.url, {}, await bearer(claims))).toMatchObject({
        status: 403,
        body: { code: "identity_missing" },
      });
    },
  );

  it.each([`US${"0".repeat(32)}`, "x".repeat(257), "guest-1"])(
    "rejects the identity %s, which is reserved for Twilio or guests",
    async (sub) => {
      expect(await post(deployment.url, {}, await bearer({ sub }))).toMatchObject({
        status: 403,
        body: { code: "invalid_identity" },
      });
    },
  );

  it("ignores an identity in the request", async () => {
    const answer = await post(deployment.url, { identity: "admin" }, await bearer({ sub: "alice" }));
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_input", field: "identity" } });
  });

  it.each([
    [{ platform: "windows" }, "platform"],
    [{ ttl: "soon" }, "ttl"],
    [{ ttl: 1.5 }, "ttl"],
  ])("names the invalid field in %j", async (body, field) => {
    const answer = await post(deployment.url, body, await bearer({ sub: "alice" }));
    expect(answer).toMatchObject({ status: 400, body: { status: "error", code: "invalid_input", field } });
    expect(answer.body.message).toContain(field);
  });

  it("is not affected by query parameters named like the runtime's request object", async () => {
    const response = await fetch(`${deployment.url}/token?request=evil`, {
      method: "POST",
      headers: await bearer({ sub: "alice" }),
    });
    expect([400, 401]).toContain(response.status);
    expect(await response.json()).toMatchObject({ status: "error" });
  });

  it.each([
    ["a JSON list", "application/json", "[1,2]"],
    ["broken JSON", "application/json", "{"],
    ["a form with repeated names", "application/x-www-form-urlencoded", "ttl=1&ttl=2"],
  ])("answers %s with a 400", async (_what, type, body) => {
    const headers = { ...(await bearer({ sub: "alice" })), "content-type": type };
    const response = await fetch(`${deployment.url}/token`, { method: "POST", headers, body });
    expect(response.status).toBe(400);
  });

  it("answers browsers from the allowed origins only", async () => {
    const allowed = await post(
      deployment.url,
      {},
      { ...(await bearer({ sub: "alice" })), origin: "https://app.example.com" },
    );
    const foreign = await post(
      deployment.url,
      {},
      { ...(await bearer({ sub: "alice" })), origin: "https://evil.example.com" },
    );
    expect(allowed.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(allowed.headers.get("vary")).toContain("Origin");
    expect(foreign.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("sends CORS headers with an error too", async () => {
    const { status, headers } = await post(deployment.url, {}, { origin: "https://app.example.com" });
    expect(status).toBe(401);
    expect(headers.get("access-control-allow-origin")).toBe("https://app.example.com");
  });

  it("logs the call with its request id and without the token", async () => {
    const { headers, body } = await post(deployment.url, {}, await bearer({ sub: "alice" }));
    await expect.poll(() => deployment.output()).toContain(`"requestId":"${headers.get("x-request-id")}"`);
    const output = deployment.output();
    expect(output).not.toContain(body.token);
    for (const secret of [
      credentials.AUTH_TOKEN,
      credentials.JWT_SECRET,
      credentials.TWILIO_API_KEY_SECRET,
    ]) {
      expect(output).not.toContain(secret);
    }
  });

  describe("where guests are allowed", () => {
    it("assigns a new identity to a caller without credentials", async () => {
      const [one, two] = await Promise.all([post(guestHouse.url, {}), post(guestHouse.url, {})]);
      expect(one.body.identity).toMatch(/^guest-/);
      expect(two.body.identity).not.toBe(one.body.identity);
      expect(one.body.ttl).toBe(7200);
    });

    it("keeps a guest's identity when the caller sends the guest's token", async () => {
      const { body } = await post(guestHouse.url, {});
      const again = await post(guestHouse.url, { guestToken: body.token });
      expect(again.body.identity).toBe(body.identity);
    });

    it("rejects a guest's token of another deployment, a user's token, and tokens without an identity", async () => {
      const forged = await callerToken({
        grants: { identity: "guest-1" },
        iss: credentials.TWILIO_API_KEY_SID,
      });
      const user = await post(guestHouse.url, {}, await bearer({ "https://example.com/identity": "alice" }));
      const key = Buffer.from(credentials.TWILIO_API_KEY_SECRET);
      const withoutIdentity = [{}, { grants: "guest-1" }, { grants: null }, { grants: { identity: 1 } }].map(
        (claims) =>
          new SignJWT({ ...claims, iss: credentials.TWILIO_API_KEY_SID })
            .setProtectedHeader({ alg: "HS256" })
            .setExpirationTime("1h")
            .sign(key),
      );
      for (const guestToken of [forged, user.body.token, ...(await Promise.all(withoutIdentity))]) {
        expect(await post(guestHouse.url, { guestToken })).toMatchObject({
          status: 401,
          body: { code: "invalid_guest_token" },
        });
      }
    });

    it("does not treat a caller with an invalid token as a guest", async () => {
      expect(await post(guestHouse.url, {}, { authorization: "Bearer nonsense" })).toMatchObject({
        status: 401,
      });
    });

    it("reads the identity from the configured claim", async () => {
      const { body } = await post(
        guestHouse.url,
        {},
        await bearer({ sub: "ignored", "https://example.com/identity": 42 }),
      );
      expect(body.identity).toBe("42");
    });
  });
});

describe.each(platforms)("token on $name with an issuer that publishes its keys", (platform) => {
  let deployment: Deployment;
  let issuer: Server;
  let publicKeyText: string;
  let sign: (claims: { aud?: string; iss?: string }) => Promise<string>;

  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair("RS256");
    const jwk = { ...(await exportJWK(publicKey)), kid: "one", use: "sig", alg: "RS256" };
    publicKeyText = JSON.stringify(jwk);
    issuer = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
    await new Promise<void>((resolve) => issuer.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks`;
    const { JWT_SECRET: _unused, ...others } = credentials;
    deployment = await platform.start({
      ...others,
      JWT_JWKS_URL: url,
      JWT_ISSUER: "https://issuer.example.com",
      JWT_AUDIENCE: "parley",
    });
    sign = ({ aud = "parley", iss = "https://issuer.example.com" }) =>
      new SignJWT({ sub: "alice", aud, iss })
        .setProtectedHeader({ alg: "RS256", kid: "one" })
        .setExpirationTime("1m")
        .sign(privateKey);
  });
  afterAll(async () => {
    await deployment.stop();
    issuer.close();
  });

  const post = (token: string) =>
    postJson(`${deployment.url}/token`, {}, { authorization: `Bearer ${token}` });

  it("verifies with the published key", async () => {
    expect(await post(await sign({}))).toMatchObject({ status: 200, body: { identity: "alice" } });
  });

  it.each([{ aud: "another application" }, { iss: "https://evil.example.com" }])(
    "rejects a token with %j",
    async (claims) => {
      expect(await post(await sign(claims))).toMatchObject({ status: 401, body: { code: "invalid_token" } });
    },
  );

  it("rejects a token signed with the public key as an HMAC secret", async () => {
    const token = await callerToken(
      { sub: "alice", aud: "parley", iss: "https://issuer.example.com" },
      { secret: publicKeyText },
    );
    expect(await post(token)).toMatchObject({ status: 401, body: { code: "invalid_token" } });
  });
});
