import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { twilioFunction } from "../../../core/platforms/twilio-functions.ts";
import preEvent from "../../../handlers/webhooks/pre-event.ts";

const DOMAIN_NAME = "parley-1234-dev.twil.io";

/** The part of the runtime's global `Twilio.Response` that the adapter uses. */
class Response {
  status = 0;
  setStatusCode(status: number): void {
    this.status = status;
  }
  setBody(): void {}
  appendHeader(): void {}
}

describe("twilioFunction", () => {
  beforeAll(() => {
    vi.stubGlobal("Twilio", { Response });
    vi.stubGlobal("Runtime", { getAssets: () => ({}) });
    for (const level of ["info", "warn"] as const) vi.spyOn(console, level).mockReturnValue(undefined);
  });
  afterAll(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it("reads the auth token from each call's context, where Twilio sets it", async () => {
    const handler = twilioFunction(preEvent, "webhooks/pre-event");
    const call = (AUTH_TOKEN: string, signedWith: string) => {
      const fields = { EventType: "ping" };
      const signature = getExpectedTwilioSignature(
        signedWith,
        `https://${DOMAIN_NAME}/webhooks/pre-event`,
        fields,
      );
      const event = { request: { headers: { "x-twilio-signature": signature } }, ...fields };
      const context = { AUTH_TOKEN, DOMAIN_NAME, PATH: "/webhooks/pre-event", PRE_EVENT_RULES: "{}" };
      return new Promise<number>((resolve) => {
        void handler(context, event, (_error, response) => resolve((response as unknown as Response).status));
      });
    };
    const [before, after] = ["the token before the promotion", "the token after the promotion"];
    expect(await call(before, before)).toBe(200);
    expect(await call(before, after)).toBe(403);
    expect(await call(after, after)).toBe(200);
    expect(await call(after, before)).toBe(403);
  });
});
