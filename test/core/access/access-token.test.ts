import fc from "fast-check";
import AccessToken from "twilio/lib/jwt/AccessToken.js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { accessTokenSigner, accessTokens } from "../../../core/access/access-token.ts";
import { Call } from "../../../core/call.ts";
import { createLog } from "../../../core/log.ts";

const account = {
  accountSid: `AC${"a".repeat(32)}` as const,
  apiKeySid: `SK${"b".repeat(32)}` as const,
  apiKeySecret: "a secret of thirty-two characters",
};

describe("accessTokenSigner", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("creates the same token as the official AccessToken, byte for byte, for any identity, service, TTL and time", () => {
    const sign = accessTokenSigner(account);
    const property = fc.property(
      fc.string({ minLength: 1, maxLength: 256, unit: "grapheme" }),
      fc.option(fc.constant(`CR${"d".repeat(32)}` as const), { nil: undefined }),
      fc.integer({ min: 1200, max: 86_400 }),
      fc.integer({ min: 1_500_000_000, max: 4_000_000_000 }),
      (identity, pushCredentialSid, ttl, now) => {
        vi.useFakeTimers({ now: now * 1000 });
        const official = new AccessToken(account.accountSid, account.apiKeySid, account.apiKeySecret, {
          identity,
          ttl,
        });
        const serviceSid = `IS${"c".repeat(32)}` as const;
        official.addGrant(
          new AccessToken.ChatGrant({ serviceSid, ...(pushCredentialSid && { pushCredentialSid }) }),
        );
        expect(sign({ identity, serviceSid, pushCredentialSid }, ttl, now)).toBe(official.toJwt());
      },
    );
    fc.assert(property);
  });
});

describe("accessTokens", () => {
  const serviceSid = `IS${"c".repeat(32)}` as const;
  const credentials = {
    ios: `CR${"1".repeat(32)}` as const,
    android: `CR${"2".repeat(32)}` as const,
    web: `CR${"3".repeat(32)}` as const,
  };
  const environment = {
    ACCOUNT_SID: account.accountSid,
    TWILIO_API_KEY_SID: account.apiKeySid,
    TWILIO_API_KEY_SECRET: account.apiKeySecret,
    CHAT_SERVICE_SID: serviceSid,
    PUSH_CREDENTIAL_SID_IOS: credentials.ios,
    PUSH_CREDENTIAL_SID_ANDROID: credentials.android,
    PUSH_CREDENTIAL_SID_WEB: credentials.web,
  };
  const issuerOf = (settings = {}) =>
    accessTokens.open({ ...environment, ...settings })(
      new Call("r", 0),
      createLog(() => {}, {}),
    );
  const NOW = 1_800_000_000;
  beforeEach(() => void vi.useFakeTimers({ now: NOW * 1000 + 999 }));
  afterEach(() => void vi.useRealTimers());

  it("issues what the signer signs, and says for whom and until when", () => {
    const sign = accessTokenSigner(account);
    expect(issuerOf()("alice")).toEqual({
      token: sign({ identity: "alice", serviceSid }, 3600, NOW),
      identity: "alice",
      expiresAt: "2027-01-15T09:00:00.000Z",
      ttl: 3600,
      serviceSid,
    });
  });

  it.each([
    [undefined, undefined, 3600],
    ["7200", undefined, 7200],
    ["7200", 1800, 1800],
    [undefined, 1, 1200],
    [undefined, 1199, 1200],
    [undefined, 86_400, 86_400],
    [undefined, 86_401, 86_400],
  ])("with TOKEN_TTL=%s and a wish of %s seconds lasts %i seconds", (TOKEN_TTL, wanted, ttl) => {
    const settings = TOKEN_TTL === undefined ? {} : { TOKEN_TTL };
    expect(issuerOf(settings)("alice", { ttl: wanted }).ttl).toBe(ttl);
  });

  it.each(["1199", "86401", "an hour"])("rejects TOKEN_TTL=%s", (TOKEN_TTL) => {
    expect(() => issuerOf({ TOKEN_TTL })).toThrow("TOKEN_TTL");
  });

  it.each(["ios", "android", "web"] as const)(
    "grants the push credential of %s to its devices",
    (platform) => {
      const pushCredentialSid = credentials[platform];
      const expected = accessTokenSigner(account)(
        { identity: "alice", serviceSid, pushCredentialSid },
        3600,
        NOW,
      );
      expect(issuerOf()("alice", { platform }).token).toBe(expected);
      const variable = `PUSH_CREDENTIAL_SID_${platform.toUpperCase()}`;
      expect(issuerOf({ [variable]: undefined })("alice", { platform }).token).toBe(
        issuerOf()("alice").token,
      );
    },
  );

  it.each([
    ...["", " ", "\u3000", "x".repeat(257), "a\u200bb", "a\nb", "a\0"],
    ...["system", "SYSTEM", " System ", "ｓｙｓｔｅｍ"],
    ...[
      "+15558675310",
      "＋15558675310",
      "whatsapp:+15558675310",
      "WhatsApp:x",
      "messenger:1",
      "rcs:x",
      "sms:1",
    ],
    ...["mms:1", "tel:1", "viber:1", "instagram:1", "line:1", "telegram:1"],
    ...[`CH${"0".repeat(32)}`, `mb${"A".repeat(32)}`],
  ])("rejects the identity %j", (identity) => {
    const call = () => issuerOf()(identity);
    expect(call).toThrow(expect.objectContaining({ status: 403, code: "invalid_identity" }));
    expect(call).toThrow(
      "The identity must have 1 to 256 visible characters, and must be neither `system` nor look like an address or a SID.",
    );
  });

  it.each([
    ...["x", "x".repeat(256), "alice@example.com", "systems", "a system", "+ plus", "my whatsapp:1", "1+1"],
    ...[
      "whatsapp",
      `CH${"0".repeat(31)}`,
      `CH${"0".repeat(33)}`,
      `C${"0".repeat(33)}`,
      `xCH${"0".repeat(32)}`,
    ],
  ])("accepts the identity %j", (identity) => {
    expect(issuerOf()(identity).identity).toBe(identity);
  });

  it.each(["ACCOUNT_SID", "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET", "CHAT_SERVICE_SID"])(
    "needs %s",
    (name) => {
      expect(() => issuerOf({ [name]: undefined })).toThrow(name);
    },
  );
});
