import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import twilio from "twilio";
import { describe, expect, it } from "vitest";
import { startTime, type TestAccount, useAccount } from "../support/emulator.ts";

const { AccessToken } = twilio.jwt;
const now = startTime / 1000;

/** The claims of a token of the official class, valid now. */
function claimsFor(account: TestAccount) {
  return {
    jti: `${account.emulator.apiKeySid}-${now}`,
    grants: { identity: "alice", chat: { service_sid: account.emulator.chatServiceSid } },
    iat: now,
    exp: now + 3600,
    iss: account.emulator.apiKeySid,
    sub: account.emulator.accountSid,
  };
}

const header = { alg: "HS256", typ: "JWT", cty: "twilio-fpa;v=1" };

function sign(
  account: TestAccount,
  claims: object,
  head: object = header,
  secret = account.emulator.apiKeySecret,
): string {
  const signed = [head, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

const manual = useAccount();

describe("an access token", () => {
  it("is accepted with an identity and a service of the account", async () => {
    const account = manual.current;
    expect(
      (await account.control("POST", "/tokens", { token: sign(account, claimsFor(account)) })).body,
    ).toEqual({
      valid: true,
      identity: "alice",
      serviceSid: account.emulator.chatServiceSid,
      expiresAt: "2026-01-05T11:00:00.000Z",
    });
  });

  it("expires by the emulator's clock", async () => {
    const account = manual.current;
    const token = sign(account, claimsFor(account));
    await account.emulator.advance(3_599_000);
    expect((await account.control("POST", "/tokens", { token })).status).toBe(200);
    await account.emulator.advance(1000);
    expect((await account.control("POST", "/tokens", { token })).body).toEqual({
      code: 20104,
      message: "Access Token expired or expiration date invalid",
      more_info: "https://www.twilio.com/docs/errors/20104",
      status: 401,
    });
  });

  it.each<[string, number, (account: TestAccount) => string]>([
    ["text that is not a token", 20101, () => "x.y"],
    ["a part that is not JSON", 20101, () => "x.y.z"],
    [
      "another type of token",
      20102,
      (account) => sign(account, claimsFor(account), { alg: "HS256", typ: "JWT" }),
    ],
    [
      "no signature at all",
      20102,
      (account) => sign(account, claimsFor(account), { ...header, alg: "none" }),
    ],
    [
      "a key of another account",
      20103,
      (account) => sign(account, { ...claimsFor(account), iss: `SK${"0".repeat(32)}` }),
    ],
    [
      "another account",
      20103,
      (account) => sign(account, { ...claimsFor(account), sub: `AC${"0".repeat(32)}` }),
    ],
    ["another secret", 20107, (account) => sign(account, claimsFor(account), header, "secret")],
    ["an expiry in the past", 20104, (account) => sign(account, { ...claimsFor(account), exp: now })],
    ["no expiry", 20104, (account) => sign(account, { ...claimsFor(account), exp: undefined })],
    ["a start in the future", 20105, (account) => sign(account, { ...claimsFor(account), nbf: now + 300 })],
    [
      "a validity of more than a day",
      20157,
      (account) => sign(account, { ...claimsFor(account), exp: now + 86_401 }),
    ],
    ["no grants", 20106, (account) => sign(account, { ...claimsFor(account), grants: undefined })],
    [
      "no chat grant",
      20106,
      (account) => sign(account, { ...claimsFor(account), grants: { identity: "alice" } }),
    ],
    [
      "no service",
      51104,
      (account) => sign(account, { ...claimsFor(account), grants: { identity: "alice", chat: {} } }),
    ],
    [
      "a service that does not exist",
      51101,
      (account) =>
        sign(account, {
          ...claimsFor(account),
          grants: { identity: "a", chat: { service_sid: `IS${"0".repeat(32)}` } },
        }),
    ],
    [
      "no identity",
      51105,
      (account) =>
        sign(account, {
          ...claimsFor(account),
          grants: { chat: { service_sid: account.emulator.chatServiceSid } },
        }),
    ],
    [
      "an identity that looks like a user SID",
      50206,
      (account) => {
        const { grants } = claimsFor(account);
        return sign(account, {
          ...claimsFor(account),
          grants: { ...grants, identity: `US${"0".repeat(32)}` },
        });
      },
    ],
  ])("with %s is rejected with %i", async (_what, code, make) => {
    const account = manual.current;
    expect((await account.control("POST", "/tokens", { token: make(account) })).body).toMatchObject({ code });
  });

  it("is rejected when it is any other text, never with a server error", async () => {
    const account = manual.current;
    const part = fc.oneof(
      fc.string(),
      fc.json().map((json) => Buffer.from(json).toString("base64url")),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 4 }), async (parts) => {
        const { status } = await account.control("POST", "/tokens", {
          token: parts.join(".") || "x",
        });
        expect(status).toBe(401);
      }),
      { numRuns: 50 },
    );
  });
});

const real = useAccount({ clock: "real", startTime: undefined });

describe("an access token of the official library", () => {
  it("is accepted", async () => {
    const { control, emulator } = {
      control: real.current.control.bind(real.current),
      emulator: real.current.emulator,
    };
    const { accountSid, apiKeySid, apiKeySecret, chatServiceSid } = emulator;
    const token = new AccessToken(accountSid, apiKeySid, apiKeySecret, {
      identity: "bob@example.com",
      ttl: 86_400,
    });
    token.addGrant(new AccessToken.ChatGrant({ serviceSid: chatServiceSid }));
    const { body } = await control("POST", "/tokens", { token: token.toJwt() });
    expect(body).toMatchObject({ valid: true, identity: "bob@example.com", serviceSid: chatServiceSid });
  });
});
