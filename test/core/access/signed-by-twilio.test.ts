import { createHmac } from "node:crypto";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { describe, expect, it } from "vitest";
import { SIGNATURE_SETTINGS, signedByTwilio } from "../../../core/access/signed-by-twilio.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

const NEXT = "the auth token that is promoted soon";
const KEYS = { webhooks_sharedkey_1: "a shared key's secret+/=", webhooks_sharedkey_2: "another shared key" };
const WEBHOOK_KEYS = Object.entries(KEYS)
  .map((key) => key.join(":"))
  .join(", ");
const NAMED = "key=webhooks_sharedkey_2,algorithm=HMAC_SHA256";

type Fields = Readonly<Record<string, string>>;
const sha1 = (secret: string) => (url: string, fields: Fields) =>
  getExpectedTwilioSignature(secret, url, { ...fields });
/** Twilio signs the same content with a shared key as with the auth token ("Sign webhooks with shared keys"). */
const sha256 = (secret: string) => (url: string, fields: Fields) =>
  createHmac("sha256", secret)
    .update(url + Object.entries(fields).sort().flat().join(""))
    .digest("base64");

describe.each(platforms)("a signature on $name", (platform) => {
  const system = useSystem(platform, { AUTH_TOKEN_NEXT: NEXT, WEBHOOK_KEYS });
  const call = async (sign: (url: string, fields: Fields) => string, settings?: string) => {
    const url = `${system.current.url}/conversations/find`;
    const fields = { address: "+15558675310", includeClosed: "true" };
    const headers = {
      "x-twilio-signature": sign(url, fields),
      ...(settings !== undefined && { [SIGNATURE_SETTINGS]: settings }),
    };
    const response = await fetch(url, { method: "POST", headers, body: new URLSearchParams(fields) });
    const { code } = (await response.json()) as { code?: string };
    return code ?? response.status;
  };
  const authToken = () => system.current.account.emulator.authToken;

  it("is valid when made with the primary or the secondary auth token", async () => {
    expect(await call(sha1(authToken()))).toBe(200);
    expect(await call(sha1(authToken()), "")).toBe(200);
    expect(await call(sha1(NEXT))).toBe(200);
    expect(await call(sha1("some other token of an account"))).toBe("invalid_signature");
  });

  it("is valid with the shared key that it names, and with SHA-256 only", async () => {
    const { webhooks_sharedkey_1: one, webhooks_sharedkey_2: two } = KEYS;
    expect(await call(sha256(two), NAMED)).toBe(200);
    expect(await call(sha256(one), "algorithm=hmac_sha256, key=webhooks_sharedkey_1")).toBe(200);
    expect(await call(sha256(one), NAMED)).toBe("invalid_signature");
    expect(await call(sha1(authToken()), NAMED)).toBe("invalid_signature");
    expect(await call(sha256(two))).toBe("invalid_signature");
    expect(await call(sha1(two), "key=webhooks_sharedkey_2,algorithm=HMAC_SHA1")).toBe("weak_signature");
    expect(await call(sha256(two), "key=webhooks_sharedkey_2")).toBe("weak_signature");
    expect(await call(sha256(two), "key=__proto__,algorithm=HMAC_SHA256")).toBe("unknown_webhook_key");
  });

  it("of a rule's webhook is valid where Twilio's gateway does not check it first", async () => {
    const { account, url } = system.current;
    const [key = "", secret = ""] = Object.entries(KEYS)[0] ?? [];
    await account.control("POST", "/webhook-rules", { url, key, secret });
    await account.client.conversations.v1.configuration
      .webhooks()
      .update({ preWebhookUrl: `${url}/webhooks/pre-event`, method: "POST" });
    const log = system.current.logFromHere();
    await account.conversation({ xTwilioWebhookEnabled: "true" }).catch(() => undefined);
    const [webhook] = await account.webhooks();
    const isProtected = platform.name === "Twilio Functions";
    expect(webhook?.response?.status).toBe(isProtected ? 403 : 200);
    if (isProtected) expect(log()).toContain("unknown_webhook_key");
    expect(log()).not.toContain(secret);
  });
});

describe("signedByTwilio", () => {
  const AUTH_TOKEN = "0123456789abcdef0123456789abcdef";
  const request = (headers: [string, string][]) => ({
    method: "POST",
    headers: new Map(headers),
    fields: {},
    url: "https://example.com/hook",
    bodyHash: undefined,
    raw: { query: "", body: "", type: "" },
    publicBaseUrl: undefined,
  });

  const signed = (sign: (url: string, fields: Fields) => string, settings?: string) =>
    request([
      ["x-twilio-signature", sign("https://example.com/hook", {})],
      ...(settings === undefined ? [] : [[SIGNATURE_SETTINGS, settings] satisfies [string, string]]),
    ]);
  const { webhooks_sharedkey_1: one, webhooks_sharedkey_2: two } = KEYS;

  it.each([
    ["the auth token", signed(sha1(AUTH_TOKEN))],
    ["the auth token and empty settings", signed(sha1(AUTH_TOKEN), " ")],
    ["the secondary auth token", signed(sha1(NEXT))],
    ["a shared key", signed(sha256(two), NAMED)],
    [
      "a shared key with an equals sign",
      signed(sha256(one), "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"),
    ],
    [
      "settings in another order, case and with spaces",
      signed(sha256(one), " algorithm = hmac_sha256 , key = webhooks_sharedkey_1 "),
    ],
  ])("accepts %s", async (_what, given) => {
    const verify = signedByTwilio.open({ AUTH_TOKEN, AUTH_TOKEN_NEXT: NEXT, WEBHOOK_KEYS });
    expect(await verify(given)).toEqual({ kind: "twilio" });
  });

  it.each([
    [
      "another token",
      signed(sha1("the token of another account")),
      "invalid_signature",
      "primary auth token",
    ],
    ["another shared key", signed(sha256(one), NAMED), "invalid_signature", "PUBLIC_BASE_URL must name"],
    [
      "the auth token for a shared key",
      signed(sha256(AUTH_TOKEN), NAMED),
      "invalid_signature",
      "URL exactly",
    ],
    [
      "a shared key without settings",
      signed(sha256(two)),
      "invalid_signature",
      "the shared key that the request names",
    ],
    [
      "SHA-1",
      signed(sha1(two), "key=webhooks_sharedkey_2,algorithm=HMAC_SHA1"),
      "weak_signature",
      "HMAC_SHA256",
    ],
    [
      "no algorithm",
      signed(sha256(two), "key=webhooks_sharedkey_2"),
      "weak_signature",
      "the rule's signature",
    ],
    [
      "no key",
      signed(sha256(two), "algorithm=HMAC_SHA256"),
      "unknown_webhook_key",
      "no webhook rule may match",
    ],
    [
      "an unknown key",
      signed(sha256(two), "key=__proto__,algorithm=HMAC_SHA256"),
      "unknown_webhook_key",
      "WEBHOOK_KEYS",
    ],
    [
      "a setting whose name only begins alike",
      signed(sha256(two), "keys=webhooks_sharedkey_2,algorithm=HMAC_SHA256"),
      "unknown_webhook_key",
      "WEBHOOK_KEYS",
    ],
  ])("rejects %s", async (_what, given, code, message) => {
    const verify = signedByTwilio.open({ AUTH_TOKEN, AUTH_TOKEN_NEXT: NEXT, WEBHOOK_KEYS });
    await expect(verify(given)).rejects.toMatchObject({
      status: 403,
      code,
      message: expect.stringContaining(message),
    });
  });

  it("rejects another token's signature where there is no next token", async () => {
    const verify = signedByTwilio.open({ AUTH_TOKEN });
    await expect(verify(signed(sha1(NEXT)))).rejects.toMatchObject({
      status: 403,
      code: "invalid_signature",
    });
  });

  it("leaves requests without a signature to other rules, and accepts those that the queue has verified", async () => {
    const verify = signedByTwilio.open({ AUTH_TOKEN });
    expect(await verify(request([]))).toBeUndefined();
    expect(await verify({ ...request([]), isVerified: true })).toEqual({ kind: "twilio" });
    expect(signedByTwilio.schemes).toEqual(["X-Twilio-Signature"]);
    expect([{ AUTH_TOKEN }, {}].map((environment) => signedByTwilio.isConfigured(environment))).toEqual([
      true,
      false,
    ]);
    expect(Object.keys(signedByTwilio.entries)).toEqual([
      "AUTH_TOKEN",
      "AUTH_TOKEN_NEXT",
      "WEBHOOK_KEYS",
      "WEBHOOK_KEYS_ONLY",
    ]);
  });

  it("rejects the auth token's signatures where only shared keys are accepted", async () => {
    const verify = signedByTwilio.open({ AUTH_TOKEN, WEBHOOK_KEYS, WEBHOOK_KEYS_ONLY: "true" });
    const signature = (secret: string, sign: typeof sha1) => sign(secret)("https://example.com/hook", {});
    const byToken: [string, string] = ["x-twilio-signature", signature(AUTH_TOKEN, sha1)];
    const byKey: [string, string] = ["x-twilio-signature", signature(KEYS.webhooks_sharedkey_2, sha256)];
    await expect(verify(request([byToken]))).rejects.toMatchObject({
      code: "webhook_key_required",
      message: expect.stringContaining("A webhook rule must match its URL."),
    });
    expect(await verify(request([byKey, [SIGNATURE_SETTINGS, NAMED]]))).toEqual({ kind: "twilio" });
  });

  it.each([
    [{ WEBHOOK_KEYS_ONLY: "true" }, "WEBHOOK_KEYS is missing"],
    [{ WEBHOOK_KEYS: "only-a-secret-without-an-id" }, "WEBHOOK_KEYS, at 0, must be id:secret"],
    [{ WEBHOOK_KEYS: "a key:a secret of some length" }, "WEBHOOK_KEYS, at 0, must be id:secret"],
    [{ WEBHOOK_KEYS: "key:short" }, "WEBHOOK_KEYS, at 0, must be id:secret"],
    [{ AUTH_TOKEN_NEXT: "short" }, "AUTH_TOKEN_NEXT is too short"],
  ])("names the error in %j", (settings, message) => {
    expect(() => signedByTwilio.open({ AUTH_TOKEN, ...settings })).toThrow(message);
  });
});
