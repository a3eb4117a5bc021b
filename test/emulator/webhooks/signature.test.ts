import * as fc from "fast-check";
import twilio from "twilio";
import { describe, expect, it } from "vitest";
import { signWebhook } from "../../../emulator/webhooks/signature.ts";
import { withWebhooks } from "../support/client.ts";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();

const call = [
  ["CallSid", "CA1234567890ABCDE"],
  ["Digits", "1234"],
  ["To", "+18005551212"],
] as const;

describe("a webhook's signature", () => {
  it.each([
    ["https://example.com/myapp.php?foo=1&bar=2", "+14158675310", "L/OH5YylLD5NRKLltdqwSvS0BnU="],
    ["https://mycompany.com/myapp.php?foo=1&bar=2", "+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="],
  ])("of %s is the published one", (url, caller, signature) => {
    const fields = new Map<string, string>([...call, ["Caller", caller], ["From", caller]]);
    expect(signWebhook("12345", url, fields)).toBe(signature);
  });

  it("of any URL and parameters is accepted by the official library", () => {
    const text = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(fc.dictionary(text, text), fc.webUrl({ withQueryParameters: true }), (fields, url) => {
        const signature = signWebhook("secret", url, new Map(Object.entries(fields)));
        expect(twilio.validateRequest("secret", signature, url, fields)).toBe(true);
      }),
    );
  });

  it.each(["get", "post"] as const)(
    "by %s to a URL that is not ASCII is that of the encoded request",
    async (method) => {
      const account = fixture.current;
      const conversation = await account.conversation();
      const receiver = await account.receiver();
      await conversation.webhooks.create({
        target: "webhook",
        "configuration.url": `${receiver.url}/größe %20?wo=ü`,
        "configuration.method": method,
        "configuration.filters": ["onMessageAdded"],
      });
      await conversation.messages.create({ body: "Hello", ...withWebhooks });
      await account.emulator.settle();
      const [request] = receiver.received;
      const seen = `${receiver.url}${request?.url}`;
      expect(seen).toContain("/gr%C3%B6%C3%9Fe%20%20?wo=%C3%BC");
      expect((await account.webhooks())[0]?.request.url).toBe(seen);
      const signature = String(request?.headers["x-twilio-signature"]);
      const fields = method === "get" ? {} : Object.fromEntries(request?.fields ?? []);
      expect(twilio.validateRequest(account.emulator.authToken, signature, seen, fields)).toBe(true);
    },
  );
});
