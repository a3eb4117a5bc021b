import twilio from "twilio";
import { describe, expect, it } from "vitest";
import { withWebhooks } from "../support/client.ts";
import { startTime, type TestAccount, useAccount } from "../support/emulator.ts";
import type { Receiver } from "../support/receiver.ts";

const fixture = useAccount();
const person = "+15558675310";
const at = new Date(startTime).toISOString();

/** Sends every event of the account to a receiver. */
async function archive(
  account: TestAccount,
  params: { filters?: string[]; method?: string } = {},
): Promise<Receiver> {
  const receiver = await account.receiver();
  await account.client.conversations.v1.configuration
    .webhooks()
    .update({ postWebhookUrl: receiver.url, ...params });
  return receiver;
}

async function smsConversation(account: TestAccount) {
  const conversation = await account.conversation();
  const { sid } = await conversation.participants.create({
    "messagingBinding.address": person,
    "messagingBinding.proxyAddress": account.emulator.smsNumber,
  });
  return { conversation, participantSid: sid, conversationSid: (await conversation.fetch()).sid };
}

describe("REST writes", () => {
  it("call webhooks of the account and of conversations only with X-Twilio-Webhook-Enabled", async () => {
    const account = fixture.current;
    const receiver = await archive(account);
    const scoped = await account.receiver();
    const conversation = await account.conversation();
    await conversation.webhooks.create({
      target: "webhook",
      "configuration.url": scoped.url,
      "configuration.filters": ["onMessageAdded"],
    });
    await conversation.messages.create({ body: "quiet" });
    await conversation.messages.create({ body: "loud", ...withWebhooks });
    await account.emulator.settle();
    expect(receiver.values("Body")).toEqual(["loud"]);
    expect(scoped.values("Body")).toEqual(["loud"]);
  });

  it("return before their webhooks are answered", async () => {
    const account = fixture.current;
    let answer = () => {};
    const slow = await account.receiver((_request, response) => {
      answer = () => response.end();
    });
    await account.client.conversations.v1.configuration.webhooks().update({ postWebhookUrl: slow.url });
    const conversation = await account.conversation(withWebhooks);
    expect((await conversation.fetch()).state).toBe("active");
    while (slow.received.length === 0) await new Promise((resolve) => setImmediate(resolve));
    answer();
    await account.emulator.settle();
  });
});

describe("a webhook", () => {
  it("is a form with the documented fields, signed, from TwilioProxy", async () => {
    const account = fixture.current;
    const { conversation, conversationSid, participantSid } = await smsConversation(account);
    const receiver = await account.receiver();
    const url = `${receiver.url}/reply?key=1#rc=3`;
    const { sid: webhookSid } = await conversation.webhooks.create({
      target: "webhook",
      "configuration.url": url,
      "configuration.filters": ["onMessageAdded"],
    });
    const { messageSid } = await account.send(person, account.emulator.smsNumber, "Grüße & 1+1");
    const [request] = receiver.received;
    expect(request).toMatchObject({
      method: "POST",
      url: "/reply?key=1",
      headers: {
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "user-agent": "TwilioProxy/1.1",
        accept: "*/*",
        "i-twilio-idempotency-token": expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
    const fields = Object.fromEntries(request?.fields ?? []);
    expect(fields).toEqual({
      AccountSid: account.emulator.accountSid,
      EventType: "onMessageAdded",
      Source: "SMS",
      RetryCount: "0",
      ChatServiceSid: account.emulator.chatServiceSid,
      ConversationSid: conversationSid,
      MessagingServiceSid: account.emulator.messagingServiceSid,
      MessageSid: messageSid,
      Index: "0",
      DateCreated: at,
      Body: "Grüße & 1+1",
      Author: person,
      ParticipantSid: participantSid,
      Attributes: "{}",
      WebhookSid: webhookSid,
    });
    const signature = String(request?.headers["x-twilio-signature"]);
    const signed = `${receiver.url}/reply?key=1`;
    expect(twilio.validateRequest(account.emulator.authToken, signature, signed, fields)).toBe(true);
  });

  it("by GET has its fields in the query, which is signed", async () => {
    const account = fixture.current;
    const receiver = await archive(account, { method: "GET", filters: ["onConversationAdded"] });
    await account.conversation({ friendlyName: "a b", ...withWebhooks });
    await account.emulator.settle();
    const [request] = receiver.received;
    expect(request).toMatchObject({ method: "GET", body: "" });
    expect(request?.url).toContain("FriendlyName=a+b");
    const signature = String(request?.headers["x-twilio-signature"]);
    expect(
      twilio.validateRequest(account.emulator.authToken, signature, receiver.url + request?.url, {}),
    ).toBe(true);
  });

  it("is logged with its request, response and duration", async () => {
    const account = fixture.current;
    const failing = await account.receiver((_request, response) => response.writeHead(503).end("busy"));
    await account.client.conversations.v1.configuration.webhooks().update({ postWebhookUrl: failing.url });
    await account.conversation(withWebhooks);
    await account.emulator.settle();
    expect(await account.webhooks()).toMatchObject([
      {
        at,
        event: "onConversationAdded",
        scope: "account",
        request: {
          method: "POST",
          url: `${failing.url}/`,
          body: expect.stringContaining("EventType=onConversationAdded"),
        },
        response: { status: 503, body: "busy" },
        error: { code: 11217 },
        durationMs: expect.any(Number),
      },
    ]);
  });

  it("to a closed port is logged as a connection failure", async () => {
    const account = fixture.current;
    const gone = await account.receiver();
    await gone.close();
    await account.client.conversations.v1.configuration.webhooks().update({ postWebhookUrl: gone.url });
    await account.conversation(withWebhooks);
    await account.emulator.settle();
    expect(await account.webhooks()).toMatchObject([{ response: null, error: { code: 11205 } }]);
  });

  it("times out after five seconds", async () => {
    const account = fixture.current;
    const silent = await account.receiver(() => {});
    await account.client.conversations.v1.configuration.webhooks().update({ postWebhookUrl: silent.url });
    await account.conversation(withWebhooks);
    while (silent.received.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await account.control("POST", "/clock/advance", { duration: "PT4S", settle: false });
    expect(await account.webhooks()).toEqual([]);
    await account.control("POST", "/clock/advance", { duration: "PT1S", settle: false });
    await account.emulator.settle();
    expect(await account.webhooks()).toMatchObject([{ response: null, error: { code: 11200 } }]);
  });
});

describe("targets", () => {
  it("receive only the events that their filters name", async () => {
    const account = fixture.current;
    const receiver = await archive(account, { filters: ["onMessageAdded", "onConversationUpdated"] });
    const conversation = await account.conversation(withWebhooks);
    await conversation.update({ friendlyName: "x", ...withWebhooks });
    await conversation.messages.create({ body: "y", ...withWebhooks });
    await account.emulator.settle();
    expect(receiver.values("EventType")).toEqual(["onConversationUpdated", "onMessageAdded"]);
  });

  it("of a service replace the account's in that service", async () => {
    const account = fixture.current;
    const receiver = await archive(account);
    const own = await account.receiver();
    const service = account.client.conversations.v1.services(account.emulator.chatServiceSid);
    const unset = await service.configuration.webhooks().fetch();
    expect(unset).toMatchObject({ postWebhookUrl: null, preWebhookUrl: null, filters: null, method: null });
    await service.configuration
      .webhooks()
      .update({ postWebhookUrl: own.url, filters: ["onConversationAdded"] });
    await account.conversation(withWebhooks);
    await account.emulator.settle();
    expect(own.values("EventType")).toEqual(["onConversationAdded"]);
    expect(receiver.received).toEqual([]);
  });

  it("of the account have the fields of the API's own example", async () => {
    const account = fixture.current;
    const form =
      "PostWebhookUrl=https%3A%2F%2Fexample.com%2Fpost&Method=get&Filters=onMessageAdded&Target=WEBHOOK";
    const { body } = await account.rest("POST", "/v1/Configuration/Webhooks", form);
    expect(body).toEqual({
      account_sid: account.emulator.accountSid,
      pre_webhook_url: null,
      post_webhook_url: "https://example.com/post",
      method: "GET",
      filters: ["onMessageAdded"],
      target: "webhook",
      url: `${account.emulator.url}/v1/Configuration/Webhooks`,
    });
  });

  it.each([
    ["PreWebhookUrl=nowhere", 50077],
    ["PostWebhookUrl=nowhere", 50078],
    ["Method=PATCH", 50055],
    ["Filters=onNothing", 50365],
    ["Target=moon", 50054],
  ])("are rejected for %s", async (form, code) => {
    const { body } = await fixture.current.rest("POST", "/v1/Configuration/Webhooks", form);
    expect(body).toMatchObject({ code, status: 400 });
  });
});

describe("the order of webhooks", () => {
  it("is kept within a conversation, and a target that does not answer delays no other conversation", async () => {
    const account = fixture.current;
    const held: (() => void)[] = [];
    const receiver = await account.receiver(({ fields }, response) => {
      if (fields.get("Body") === "slow") held.push(() => response.end());
      else response.end();
    });
    await account.client.conversations.v1.configuration.webhooks().update({
      postWebhookUrl: receiver.url,
      filters: ["onMessageAdded"],
    });
    const [one, other] = [await account.conversation(), await account.conversation()];
    await one.messages.create({ body: "slow", ...withWebhooks });
    await one.messages.create({ body: "after slow", ...withWebhooks });
    for (const body of ["1", "2", "3"]) await other.messages.create({ body, ...withWebhooks });
    while (receiver.received.length < 4) await new Promise((resolve) => setImmediate(resolve));
    expect(receiver.values("Body").filter((body) => !body?.includes("slow"))).toEqual(["1", "2", "3"]);
    expect(receiver.values("Body")).not.toContain("after slow");
    for (const answer of held) answer();
    await account.emulator.settle();
    expect(receiver.values("Body").filter((body) => body?.includes("slow"))).toEqual(["slow", "after slow"]);
  });
});

describe("ReplayAfter", () => {
  it("replays the messages from that index on, with their own source, before new ones", async () => {
    const account = fixture.current;
    const { conversation } = await smsConversation(account);
    await conversation.messages.create({ body: "zero" });
    await conversation.messages.create({ body: "one" });
    await account.send(person, account.emulator.smsNumber, "two");
    const bot = await account.receiver();
    await conversation.webhooks.create({
      target: "webhook",
      "configuration.url": bot.url,
      "configuration.filters": ["onMessageAdded"],
      "configuration.replayAfter": 1,
    });
    await conversation.messages.create({ body: "three", ...withWebhooks });
    await account.emulator.settle();
    expect(bot.values("Body")).toEqual(["one", "two", "three"]);
    expect(bot.values("Source")).toEqual(["API", "SMS", "API"]);
    expect(bot.values("Index")).toEqual(["1", "2", "3"]);
  });
});
