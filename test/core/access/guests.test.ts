import { describe, expect, it } from "vitest";
import { accessTokenSigner } from "../../../core/access/access-token.ts";
import { guestIdentities, guests } from "../../../core/access/guests.ts";
import { Call } from "../../../core/call.ts";
import { createLog } from "../../../core/log.ts";
import { callerToken, credentials } from "../../support/credentials.ts";
import { authorizedWith, requestWith } from "../../support/request.ts";

describe("guests", () => {
  it("accepts a caller without credentials, and leaves the others to other rules", async () => {
    const verify = guests.open({ GUESTS: "true" });
    expect(await verify(requestWith())).toEqual({ kind: "guest" });
    expect(await verify(authorizedWith("Bearer invalid"))).toBeUndefined();
  });

  it("is configured by GUESTS=true alone, and shows no challenge", () => {
    expect([{}, { GUESTS: "false" }, { GUESTS: "true" }].map(guests.isConfigured)).toEqual([
      false,
      false,
      true,
    ]);
    expect(() => guests.isConfigured({ GUESTS: "yes" })).toThrow("GUESTS must be");
    expect(guests.schemes).toEqual([]);
    expect(Object.keys(guests.entries)).toEqual(["GUESTS"]);
    expect(guests.challengeIn({ GUESTS: "true" })).toBeUndefined();
  });
});

describe("guestIdentities", () => {
  const identityOf = guestIdentities.open(credentials)(
    new Call("r1", Date.now() + 10_000),
    createLog(() => undefined, {}),
  );
  const now = () => Math.floor(Date.now() / 1_000);
  const tokenOf = (
    identity: string,
    parts: { secret?: string; key?: typeof credentials.TWILIO_API_KEY_SID; ttl?: number } = {},
  ) =>
    accessTokenSigner({
      accountSid: credentials.ACCOUNT_SID as `AC${string}`,
      apiKeySid: (parts.key ?? credentials.TWILIO_API_KEY_SID) as `SK${string}`,
      apiKeySecret: parts.secret ?? credentials.TWILIO_API_KEY_SECRET,
    })({ identity, serviceSid: credentials.CHAT_SERVICE_SID as `IS${string}` }, parts.ttl ?? 60, now());

  it("are new for a guest without a token", async () => {
    const [one, other] = [await identityOf(undefined), await identityOf(undefined)];
    expect(one).toMatch(/^guest-[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect(one).not.toBe(other);
  });

  it("stay the same with the guest's own token", async () => {
    expect(await identityOf(tokenOf("guest-1"))).toBe("guest-1");
  });

  it.each([
    ["a user's", () => tokenOf("alice")],
    ["one whose identity only contains the prefix", () => tokenOf("a-guest-1")],
    ["one of another secret", () => tokenOf("guest-1", { secret: "a secret of some other deployment" })],
    [
      "one of another API key",
      () => tokenOf("guest-1", { key: `SK${"0".repeat(32)}` as typeof credentials.TWILIO_API_KEY_SID }),
    ],
    ["an expired one", () => tokenOf("guest-1", { ttl: -1 })],
    ["one that is no token", () => "guest-1"],
    [
      "one without grants",
      () =>
        callerToken({ iss: credentials.TWILIO_API_KEY_SID }, { secret: credentials.TWILIO_API_KEY_SECRET }),
    ],
    [
      "one whose identity is no text",
      () =>
        callerToken(
          { iss: credentials.TWILIO_API_KEY_SID, grants: { identity: ["guest-1"] } },
          { secret: credentials.TWILIO_API_KEY_SECRET },
        ),
    ],
  ])("are not taken from %s token", async (_what, token) => {
    await expect(identityOf(await token())).rejects.toMatchObject({
      status: 401,
      code: "invalid_guest_token",
      field: "guestToken",
      message: expect.stringContaining("Omit it to become a new guest."),
    });
  });
});
