import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { bearer } from "../../../core/access/bearer.ts";
import { callerToken, credentials } from "../../support/credentials.ts";
import { authorizedWith, requestWith } from "../../support/request.ts";

const { JWT_SECRET } = credentials;
const rejected = (code: string, message: string) => ({
  status: 401,
  code,
  message: expect.stringContaining(message),
});

describe("bearer with JWT_SECRET", () => {
  afterEach(() => void vi.useRealTimers());

  const rule = bearer("conversations:write");
  const verify = rule.open({ JWT_SECRET });
  const given = async (claims: Record<string, unknown>, options = {}) =>
    authorizedWith(`Bearer ${await callerToken(claims, options)}`);

  it("is described by its challenge and scheme", () => {
    const rule = bearer("conversations:write");
    expect(rule.schemes).toEqual(["Authorization: Bearer (scope conversations:write)"]);
    expect(bearer().schemes).toEqual(["Authorization: Bearer"]);
    expect(Object.keys(rule.entries)).toEqual(["JWT_JWKS_URL", "JWT_SECRET", "JWT_ISSUER", "JWT_AUDIENCE"]);
    expect(rule.challengeIn({ JWT_SECRET })).toBe("Bearer");
    expect(rule.challengeIn({ JWT_JWKS_URL: "https://issuer.example.com" })).toBe("Bearer");
    expect(rule.challengeIn({ JWT_ISSUER: "x" })).toBeUndefined();
  });

  it.each([
    { scope: "a conversations:write b" },
    { scope: "  conversations:write " },
    { scp: ["conversations:write"] },
    { scp: "conversations:write" },
    { permissions: [1, "conversations:write"] },
    { scope: "other", permissions: ["conversations:write"] },
  ])("reads the scope in %j", async (claims) => {
    expect(await verify(await given({ sub: "alice", ...claims }))).toMatchObject({
      kind: "bearer",
      claims: { sub: "alice" },
    });
  });

  it("tells all scopes, and no empty ones", async () => {
    const caller = await bearer().open({ JWT_SECRET })(
      await given({ scope: "a  b", scp: ["c", "", 1], permissions: {} }),
    );
    expect([...(caller?.scopes ?? [])]).toEqual(["a", "b", "c"]);
  });

  it.each([{}, { scope: "conversations:writer" }, { scope: 1 }, { scp: { "conversations:write": true } }])(
    "rejects %j, and names the scope that is missing",
    async (claims) => {
      await expect(verify(await given(claims))).rejects.toMatchObject({
        status: 403,
        code: "insufficient_scope",
        message: "The bearer token lacks the scope conversations:write.",
      });
    },
  );

  it("leaves requests without the header to other rules", async () => {
    expect(await verify(requestWith())).toBeUndefined();
  });

  it("accepts several spaces, and any case of the scheme", async () => {
    const token = await callerToken({ scope: "conversations:write" });
    expect(await verify(authorizedWith(`bEARER   ${token}`))).toMatchObject({ kind: "bearer" });
  });

  it.each(["Bearer", "Bearer ", "Bearer a b", "Basic abc", "a Bearer b", "Bearer\ta"])(
    "explains the form of the header to a caller who sends %j",
    async (header) => {
      await expect(verify(authorizedWith(header))).rejects.toMatchObject(
        rejected("unauthenticated", 'The Authorization header must read "Bearer <token>".'),
      );
    },
  );

  it("tells an expired token from an invalid one, and allows for a clock that is five seconds off", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const now = Math.floor(Date.now() / 1_000);
    const at = (expiresIn: number) => given({ scope: "conversations:write" }, { expiresIn });
    expect(await verify(await at(now - 3))).toBeDefined();
    await expect(verify(await at(now - 6))).rejects.toMatchObject(rejected("token_expired", "Get a new one"));
    await expect(verify(await given({}, { expiresIn: null }))).rejects.toMatchObject(
      rejected("invalid_token", "not valid for this service"),
    );
    await expect(
      verify(await given({}, { secret: "the secret of some other issuer" })),
    ).rejects.toMatchObject(rejected("invalid_token", "not valid for this service"));
  });

  it("checks issuer and audience where they are configured", async () => {
    const strict = bearer().open({ JWT_SECRET, JWT_ISSUER: "us", JWT_AUDIENCE: "parley" });
    expect(await strict(await given({ iss: "us", aud: "parley" }))).toBeDefined();
    for (const claims of [{ iss: "them", aud: "parley" }, { iss: "us", aud: "other" }, {}])
      await expect(strict(await given(claims))).rejects.toMatchObject({ code: "invalid_token" });
  });

  it.each([
    [{}, "JWT_JWKS_URL or JWT_SECRET is missing"],
    [{ JWT_SECRET: "short" }, "JWT_SECRET must have at least 32 characters"],
    [{ JWT_SECRET, JWT_JWKS_URL: "https://issuer.example.com" }, "set JWT_JWKS_URL or JWT_SECRET, not both"],
    [
      { JWT_JWKS_URL: "https://issuer.example.com", JWT_ISSUER: "x" },
      "JWT_ISSUER and JWT_AUDIENCE are needed",
    ],
    [
      { JWT_JWKS_URL: "https://issuer.example.com", JWT_AUDIENCE: "x" },
      "JWT_ISSUER and JWT_AUDIENCE are needed",
    ],
    [{ JWT_JWKS_URL: "issuer" }, "JWT_JWKS_URL must be an absolute"],
  ])("names the error in %j", (environment, message) => {
    expect(() => rule.open(environment)).toThrow(message);
  });
});

describe("bearer with published keys", () => {
  let issuer: Server;
  let answer: () => { status: number; body: string } | undefined;
  let environment: Record<string, string>;
  let sign: (claims: Record<string, unknown>, kid?: string) => Promise<string>;

  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    const keys = [{ ...(await exportJWK(publicKey)), kid: "one", alg: "ES256" }];
    answer = () => ({ status: 200, body: JSON.stringify({ keys }) });
    issuer = createServer((_request, response) => {
      const answered = answer();
      if (answered === undefined) response.destroy();
      else response.writeHead(answered.status).end(answered.body);
    });
    await new Promise<void>((resolve) => issuer.listen(0, "127.0.0.1", resolve));
    const { port } = issuer.address() as AddressInfo;
    environment = { JWT_JWKS_URL: `http://127.0.0.1:${port}/jwks`, JWT_ISSUER: "us", JWT_AUDIENCE: "parley" };
    sign = (claims, kid = "one") =>
      new SignJWT({ iss: "us", aud: "parley", ...claims })
        .setProtectedHeader({ alg: "ES256", kid })
        .sign(privateKey);
  });
  afterAll(() => issuer.close());
  const now = () => Math.floor(Date.now() / 1_000);
  const check = async (token: string | Promise<string>) =>
    bearer().open(environment)(authorizedWith(`Bearer ${await token}`));

  it("accepts a token of a published key", async () => {
    expect(await check(sign({ sub: "alice", exp: now() + 60 }))).toMatchObject({ claims: { sub: "alice" } });
  });

  it.each([
    ["without an expiry", () => sign({}), "invalid_token"],
    ["of another issuer", () => sign({ iss: "them", exp: now() + 60 }), "invalid_token"],
    ["for another audience", () => sign({ aud: "them", exp: now() + 60 }), "invalid_token"],
    ["of a key that is not published", () => sign({ exp: now() + 60 }, "two"), "invalid_token"],
    ["with a symmetric signature", () => callerToken({ iss: "us", aud: "parley" }), "invalid_token"],
    ["that is no JWT", () => "a.b.c", "invalid_token"],
    ["that has expired", () => sign({ exp: now() - 60 }), "token_expired"],
  ])("rejects a token %s", async (_what, token, code) => {
    await expect(check(token())).rejects.toMatchObject({ status: 401, code });
  });

  it.each([
    ["fails", { status: 500, body: "{}" }],
    ["answers no JSON", { status: 200, body: "<html>" }],
    ["answers no key set", { status: 200, body: "{}" }],
    ["does not answer", undefined],
  ])("blames the issuer, and not the token, when it %s", async (_what, broken) => {
    const working = answer;
    answer = () => broken;
    try {
      await expect(check(sign({ exp: now() + 60 }))).rejects.toMatchObject({
        status: 502,
        code: "upstream_failed",
        message: expect.stringContaining("issuer's keys"),
        cause: expect.any(Error),
      });
    } finally {
      answer = working;
    }
  });
});
