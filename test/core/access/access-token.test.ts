import fc from "fast-check";
import AccessToken from "twilio/lib/jwt/AccessToken.js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { accessTokenSigner } from "../../../core/access/access-token.ts";

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
