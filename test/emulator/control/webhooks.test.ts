import { createHmac } from "node:crypto";
import twilio from "twilio";
import { describe, expect, it } from "vitest";
import { withWebhooks } from "../support/client.ts";
import { type TestAccount, useAccount } from "../support/emulator.ts";
import type { Receiver } from "../support/receiver.ts";

const fixture = useAccount();

/** Sends the account's post-action webhooks to a receiver that answers with these statuses, then with 200. */
async function archive(account: TestAccount, statuses: number[] = [], fragment = ""): Promise<Receiver> {
  const receiver = await account.receiver((_request, response) =>
    response.writeHead(statuses.shift() ?? 200).end(),
  );
  await account.client.conversations.v1.configuration
    .webhooks()
    .update({ postWebhookUrl: `${receiver.url}/hook?key=1${fragment}` });
  return receiver;
}

describe("the webhook log", () => {
  it("is filtered by conversation, event, failure and what is known already", async () => {
    const account = fixture.current;
    await archive(account, [200, 500, 302]);
    const sids: string[] = [];
    for (const friendlyName of ["one", "two"]) {
      const { sid } = await account.conversations.create({ friendlyName, ...withWebhooks });
      await account.emulator.settle();
      sids.push(sid);
    }
    await account.conversations(sids[0] ?? "").update({ friendlyName: "One", ...withWebhooks });
    await account.emulator.settle();
    const ids = async (query: string) => {
      const { status, body } = await account.control("GET", `/webhooks?${query}`);
      expect(status).toBe(200);
      return (body.webhooks as { id: number }[]).map(({ id }) => id);
    };
    expect(await ids("")).toEqual([1, 2, 3]);
    expect(await ids(`conversationSid=${sids[0]}`)).toEqual([1, 3]);
    expect(await ids("event=onConversationAdded")).toEqual([1, 2]);
    expect(await ids("failed=true")).toEqual([2, 3]);
    expect(await ids("failed=false")).toEqual([1]);
    expect(await ids("after=1")).toEqual([2, 3]);
    expect(await ids("after=3")).toEqual([]);
    expect(await ids(`conversationSid=${sids[0]}&failed=true&after=1`)).toEqual([3]);
  });

  it("distinguishes messaging webhooks of numbers from those of Conversations", async () => {
    const account = fixture.current;
    const receiver = await archive(account);
    const address = account.emulator.whatsappNumber;
    await account.control("POST", "/numbers", { address, smsUrl: receiver.url });
    await account.conversation(withWebhooks);
    await account.send("whatsapp:+15558675310", address, "Anybody?");
    const { body } = await account.control("GET", "/webhooks?event=incomingMessage");
    expect(body.webhooks).toMatchObject([{ event: "incomingMessage", scope: "number" }]);
  });

  it.each([
    ["conversation=CH1", "conversation"],
    ["conversationSid=CH1", "conversationSid"],
    ["event=onMessageAded", "event"],
    ["failed=yes", "failed"],
    ["after=yesterday", "after"],
  ])("is refused with %s", async (query, field) => {
    const { status, body } = await fixture.current.control("GET", `/webhooks?${query}`);
    expect({ status, field: body.field }).toEqual({ status: 400, field });
  });

  it("has each attempt under its id", async () => {
    const account = fixture.current;
    await archive(account, [503], "#rc=1&rp=5xx");
    await account.conversation(withWebhooks);
    await account.emulator.settle();
    const log = await account.webhooks();
    expect(log).toMatchObject([
      { id: 1, retryCount: 0, redeliveryOf: null, response: { status: 503 } },
      { id: 2, retryCount: 1, redeliveryOf: null, response: { status: 200 } },
    ]);
    for (const attempt of log) {
      expect(await account.control("GET", `/webhooks/${attempt.id}`)).toMatchObject({
        status: 200,
        body: attempt,
      });
    }
  });

  it.each([
    ["GET", "/webhooks/1"],
    ["GET", "/webhooks/last"],
    ["POST", "/webhooks/1/redeliver"],
    ["POST", "/webhooks/1e0/redeliver"],
  ] as const)("answers %s %s with 404 when there is no such attempt", async (method, path) => {
    expect(await fixture.current.control(method, path)).toMatchObject({
      status: 404,
      body: { error: expect.stringContaining("webhook") },
    });
  });
});

describe("a redelivery", () => {
  it("sends the same parameters to the same target, and looks like a retry", async () => {
    const account = fixture.current;
    const receiver = await archive(account, [500]);
    await account.conversation({ friendlyName: "again", ...withWebhooks });
    await account.emulator.settle();
    const elsewhere = await account.receiver();
    await account.client.conversations.v1.configuration.webhooks().update({ postWebhookUrl: elsewhere.url });

    const { status, body } = await account.control("POST", "/webhooks/1/redeliver");
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { id: 2, retryCount: 1, redeliveryOf: 1, response: { status: 200 }, error: null },
    });
    expect(await account.webhooks()).toMatchObject([{ id: 1 }, body]);
    const [first, second] = receiver.received;
    expect(second?.url).toBe("/hook?key=1");
    const fields = Object.fromEntries(second?.fields ?? []);
    expect(fields).toEqual({ ...Object.fromEntries(first?.fields ?? []), RetryCount: "1" });
    const token = "i-twilio-idempotency-token";
    expect(second?.headers[token]).toBe(first?.headers[token]);
    const signature = String(second?.headers["x-twilio-signature"]);
    const url = `${receiver.url}/hook?key=1`;
    expect(twilio.validateRequest(account.emulator.authToken, signature, url, fields)).toBe(true);
    expect(elsewhere.received).toEqual([]);
  });

  it("is one attempt, whatever the URL's overrides say, and counts on", async () => {
    const account = fixture.current;
    const receiver = await archive(account, [500, 500, 500, 500], "#rc=1&rp=5xx");
    await account.conversation(withWebhooks);
    await account.emulator.settle();
    for (const id of [1, 3]) {
      const { body } = await account.control("POST", `/webhooks/${id}/redeliver`);
      expect(body).toMatchObject({ redeliveryOf: id, response: { status: 500 }, error: { code: 11217 } });
    }
    expect(receiver.values("RetryCount")).toEqual(["0", "1", "2", "3"]);
  });

  it("of a pre-action webhook asks again, and decides nothing", async () => {
    const account = fixture.current;
    const receiver = await account.receiver((_request, response) => response.writeHead(403).end());
    await account.client.conversations.v1.configuration.webhooks().update({ preWebhookUrl: receiver.url });
    await account.conversations.create(withWebhooks).catch(() => {});
    expect((await account.control("POST", "/webhooks/1/redeliver")).body).toMatchObject({
      event: "onConversationAdd",
      response: { status: 403 },
    });
    expect(await account.conversations.list()).toEqual([]);
  });
});

describe("webhook rules", () => {
  const key = "webhooks_sharedkey_1";

  it("have shared keys sign what goes to their URLs, the longest first", async () => {
    const account = fixture.current;
    const receiver = await archive(account);
    const signaturesOf = async () => {
      await account.conversation(withWebhooks);
      await account.emulator.settle();
      const { url, headers, fields } = receiver.received.at(-1) ?? {};
      const signed = `${receiver.url}${url}${[...(fields ?? [])].sort().flat().join("")}`;
      const made = (hash: string, secret: string) => createHmac(hash, secret).update(signed).digest("base64");
      return {
        signature: headers?.["x-twilio-signature"],
        settings: headers?.["x-twilio-webhooks-signature-settings"],
        made,
      };
    };
    await account.control("POST", "/webhook-rules", {
      url: receiver.url,
      key: "other",
      secret: "another secret",
    });
    const { body } = await account.control("POST", "/webhook-rules", {
      url: `${receiver.url}/hook`,
      key,
      secret: "a secret",
    });
    expect(body.webhookRules).toEqual([
      { url: receiver.url, key: "other" },
      { url: `${receiver.url}/hook`, key },
    ]);
    const byKey = await signaturesOf();
    expect(byKey.signature).toBe(byKey.made("sha256", "a secret"));
    expect(byKey.settings).toBe(`key=${key},algorithm=HMAC_SHA256`);
    expect((await account.control("DELETE", "/webhook-rules")).body).toEqual({ webhookRules: [] });
    const byToken = await signaturesOf();
    expect(byToken.signature).toBe(byToken.made("sha1", account.emulator.authToken));
    expect(byToken.settings).toBeUndefined();
  });

  it.each([
    [{ url: "hook", key, secret: "a secret" }, "url"],
    [{ url: "https://example.com/", key: "a,b", secret: "a secret" }, "key"],
    [{ url: "https://example.com/", key }, "secret"],
  ])("refuse %j", async (rule, field) => {
    const { status, body } = await fixture.current.control("POST", "/webhook-rules", rule);
    expect([status, body.field]).toEqual([400, field]);
  });
});
