import { stringify } from "node:querystring";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Call } from "../../../core/call.ts";
import { readGatewayEvent } from "../../../core/platforms/gateway-event.ts";
import { toRequest } from "../../../core/platforms/lambda.ts";
import preEvent from "../../../handlers/webhooks/pre-event.ts";
import { credentials } from "../../support/credentials.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

const SERVICE_RULES = {
  blockedWords: ["bad"],
  removePersonalData: ["card", "email", "phone"],
  longestBody: 200,
  exceptAuthors: ["moderator"],
};

describe.each(platforms)("webhooks/pre-event on $name", (platform) => {
  const system = useSystem(platform, { PRE_EVENT_RULES: JSON.stringify(SERVICE_RULES) });

  /** A conversation whose messages are moderated. */
  async function moderated() {
    const { client, conversations } = system.current.account;
    await client.conversations.v1.configuration.webhooks().update({
      preWebhookUrl: `${system.current.url}/webhooks/pre-event`,
      method: "POST",
      filters: ["onMessageAdd", "onMessageUpdate", "onConversationAdd"],
    });
    const { sid } = await conversations.create({ xTwilioWebhookEnabled: "true" });
    return conversations(sid);
  }
  const say = (body: string, author = "alice") => ({ body, author, xTwilioWebhookEnabled: "true" as const });

  /** Sends an event directly, signed as by Twilio. @returns the answer's status. */
  async function answerTo(form: Record<string, string | string[]>): Promise<number> {
    const url = `${system.current.url}/webhooks/pre-event`;
    const { authToken } = system.current.account.emulator;
    const signature = getExpectedTwilioSignature(authToken, url, form);
    const type = "application/x-www-form-urlencoded";
    const headers = { "x-twilio-signature": signature, "content-type": type };
    return (await fetch(url, { method: "POST", headers, body: stringify(form) })).status;
  }

  it("accepts a harmless message and a new conversation unchanged", async () => {
    const { messages } = await moderated();
    expect((await messages.create(say("Hello there"))).body).toBe("Hello there");
  });

  it("rejects a message with a blocked word", async () => {
    const { messages } = await moderated();
    await expect(messages.create(say("This is b4d"))).rejects.toMatchObject({ status: 400, code: 50056 });
    expect(await messages.list()).toEqual([]);
  });

  it("removes personal data, also from a phone's message", async () => {
    const conversation = await moderated();
    expect((await conversation.messages.create(say("I am at a@example.com"))).body).toBe(
      "I am at [e-mail address removed]",
    );
    const { smsNumber } = system.current.account.emulator;
    await conversation.participants.create({
      "messagingBinding.address": "+15558675310",
      "messagingBinding.proxyAddress": smsNumber,
    });
    await system.current.account.send("+15558675310", smsNumber, "Call +1 555 867 5310");
    const [, second] = await conversation.messages.list();
    expect(second?.body).toBe("Call [phone number removed]");
  });

  it("rejects a text that is too long, and an update to one", async () => {
    const { messages } = await moderated();
    await expect(messages.create(say("x".repeat(201)))).rejects.toMatchObject({ code: 50056 });
    const { sid } = await messages.create(say("short"));
    await expect(
      messages(sid).update({ body: "x".repeat(201), xTwilioWebhookEnabled: "true" }),
    ).rejects.toMatchObject({ code: 50056 });
  });

  it("accepts a message that it cannot read, as configured for failures", async () => {
    const { emulator } = system.current.account;
    const url = `${system.current.url}/webhooks/pre-event`;
    const form = { EventType: "onMessageAdd", Body: ["one", "two"] };
    const signature = getExpectedTwilioSignature(emulator.authToken, url, form);
    const body = new URLSearchParams([
      ["EventType", "onMessageAdd"],
      ["Body", "one"],
      ["Body", "two"],
    ]);
    const response = await fetch(url, { method: "POST", headers: { "x-twilio-signature": signature }, body });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({});
  });

  describe("the message that creates a conversation", () => {
    const PERSON = "+15558675310";
    /** A first text to a number with autocreation. @returns the messages in all conversations afterwards. */
    async function begin(text: string | Record<string, unknown>): Promise<string[]> {
      const { account } = system.current;
      await moderated();
      await account.autocreate();
      await account.send(PERSON, account.emulator.smsNumber, text);
      const all = await account.conversations.list();
      const said = all.map(({ sid }) => account.conversations(sid).messages.list());
      return (await Promise.all(said)).flat().map(({ body }) => body);
    }

    it.each([
      ["a blocked word", "This is b4d"],
      ["a text that is too long", "x".repeat(201)],
    ])("is rejected for %s, and no conversation is created", async (_what, text) => {
      expect(await begin(text)).toEqual([]);
      expect(await system.current.account.conversations.list()).toHaveLength(1);
      expect(
        (await system.current.account.inbox(PERSON)).map(({ conversationSid }) => conversationSid),
      ).toEqual([null]);
    });

    it("is rejected for a blocked word in a group text", async () => {
      const { smsNumber } = system.current.account.emulator;
      expect(await begin({ to: [smsNumber, "+15558675311"], body: "This is b4d" })).toEqual([]);
    });

    it("is accepted unmasked, since Twilio ignores changes to it, which is logged", async () => {
      const log = system.current.logFromHere();
      expect(await begin("I am at a@example.com")).toEqual(["I am at a@example.com"]);
      await expect.poll(log).toContain("first_message_not_changed");
      expect(log()).not.toContain("a@example.com");
    });

    it("is accepted when its author is exempt", async () => {
      const form = { EventType: "onConversationAdd", MessageBody: "bad" };
      const ask = (fields: Record<string, string | string[]>) => answerTo({ ...form, ...fields });
      expect(await ask({ "MessagingBinding.Address": "moderator" })).toBe(200);
      expect(
        await ask({ "MessagingBinding.Address": "a,b", "MessagingBinding.AuthorAddress": "moderator" }),
      ).toBe(200);
      expect(
        await ask({ "MessagingBinding.Address": "moderator,b", "MessagingBinding.AuthorAddress": "a" }),
      ).toBe(403);
      // Twilio repeats the address in a group text.
      const Address = ["moderator", "b"];
      expect(await ask({ "MessagingBinding.Address": Address, "MessagingBinding.AuthorAddress": "a" })).toBe(
        403,
      );
    });
  });

  it("accepts every message of exempt authors", async () => {
    const { messages } = await moderated();
    expect((await messages.create(say("bad a@example.com", "moderator"))).body).toBe("bad a@example.com");
  });
});

describe.each(platforms)("webhooks/pre-event on $name, masking", (platform) => {
  const rules = { blockedWords: ["bad"], onBlockedWord: "mask", exceptSources: ["SMS", "MESSENGER", "RCS"] };
  const system = useSystem(platform, { PRE_EVENT_RULES: JSON.stringify(rules) });

  it("masks blocked words with asterisks, except on the exempt channel", async () => {
    const { client, conversations, emulator } = system.current.account;
    await client.conversations.v1.configuration.webhooks().update({
      preWebhookUrl: `${system.current.url}/webhooks/pre-event`,
      method: "POST",
      filters: ["onMessageAdd"],
    });
    const { sid } = await conversations.create();
    const conversation = conversations(sid);
    const { body } = await conversation.messages.create({ body: "not bad", xTwilioWebhookEnabled: "true" });
    expect(body).toBe("not ***");
    const { smsNumber } = emulator;
    await conversation.participants.create({
      "messagingBinding.address": "+15558675310",
      "messagingBinding.proxyAddress": smsNumber,
    });
    await system.current.account.send("+15558675310", smsNumber, "not bad");
    expect((await conversation.messages.list()).map(({ body }) => body)).toEqual(["not ***", "not bad"]);
  });

  it.each([
    ["MESSENGER", {}],
    ["RCS", {}],
    ["WHATSAPP", { body: "not ***" }],
  ])("treats a message from %s by its source", async (Source, modification) => {
    const event = { EventType: "onMessageAdd", Author: "somebody", Body: "not bad", Source };
    const { status, body } = await system.current.deliver("/webhooks/pre-event", event);
    expect([status, body]).toEqual([200, modification]);
  });
});

describe.each(platforms)("webhooks/pre-event on $name, for one service", (platform) => {
  const MASKED = `IS${"0".repeat(31)}a`;
  const rules = { removePersonalData: ["phone"], onlyServices: [MASKED] };
  const system = useSystem(platform, { PRE_EVENT_RULES: JSON.stringify(rules) });

  it("ignores the conversations of other services", async () => {
    const url = `${system.current.url}/webhooks/pre-event`;
    const { authToken } = system.current.account.emulator;
    const answerFor = async (service: object) => {
      const form = { EventType: "onMessageAdd", Body: "Call +15558675310", ...service };
      const headers = { "x-twilio-signature": getExpectedTwilioSignature(authToken, url, form) };
      return (await fetch(url, { method: "POST", headers, body: new URLSearchParams(form) })).json();
    };
    expect(await answerFor({ ChatServiceSid: MASKED })).toEqual({ body: "Call [phone number removed]" });
    expect(await answerFor({ ChatServiceSid: system.current.account.emulator.chatServiceSid })).toEqual({});
    expect(await answerFor({})).toEqual({});
  });
});

describe.each(platforms)("webhooks/pre-event on $name, while the auth token changes", (platform) => {
  const NEXT = "the auth token that is promoted soon";
  const rules = { blockedWords: ["bad"], onFailure: "pass" };
  const system = useSystem(platform, { PRE_EVENT_RULES: JSON.stringify(rules), AUTH_TOKEN_NEXT: NEXT });
  const answerTo = (authToken: string | undefined, body = "This is bad") =>
    system.current.deliver("/webhooks/pre-event", { EventType: "onMessageAdd", Body: body }, authToken);

  it("moderates with the present and the next token", async () => {
    for (const token of [undefined, NEXT]) {
      expect(await answerTo(token)).toMatchObject({ status: 403, body: { code: "blocked_word" } });
      expect(await answerTo(token, "This is good")).toEqual({ status: 200, body: {} });
    }
  });

  it("accepts a message that is signed with an unknown token, and logs an error", async () => {
    const log = system.current.logFromHere();
    expect(await answerTo("a token that was changed in a hurry")).toEqual({ status: 200, body: {} });
    await expect.poll(log).toContain("not_moderated");
    expect(log()).toContain("InvalidSignature");
  });

  it("rejects a request without a signature", async () => {
    const answer = await fetch(`${system.current.url}/webhooks/pre-event`, { method: "POST" });
    expect(answer.status).toBe(401);
  });
});

describe.each([{ onFailure: "reject" }, {}])("webhooks/pre-event with %j", (setting) => {
  it("rejects a message that is signed with an unknown token", async () => {
    const environment = {
      AUTH_TOKEN: credentials.AUTH_TOKEN,
      PUBLIC_BASE_URL: "https://example.com",
      PRE_EVENT_RULES: JSON.stringify(setting),
    };
    const handler = preEvent.open(environment, () => undefined, "webhooks/pre-event");
    const event = {
      version: "2.0",
      rawPath: "/webhooks/pre-event",
      headers: { "x-twilio-signature": "bm90IHZhbGlk" },
      requestContext: { http: { method: "POST" } },
    };
    const call = new Call("r1", Date.now() + 10_000);
    const answer = await handler.answer(toRequest(readGatewayEvent(event), environment), call);
    expect(answer).toMatchObject({ status: 403, body: { code: "invalid_signature" } });
    expect(call.mayHaveOldSecrets).toBe(true);
  });
});

describe("webhooks/pre-event at its timeout", () => {
  afterEach(() => vi.restoreAllMocks());

  async function answerWith(onFailure: string) {
    const environment = {
      AUTH_TOKEN: credentials.AUTH_TOKEN,
      PUBLIC_BASE_URL: "https://example.com",
      PRE_EVENT_RULES: JSON.stringify({ blockedWords: ["bad"], onFailure }),
    };
    const form = { EventType: "onMessageAdd", Body: "very bad" };
    const url = "https://example.com/webhooks/pre-event";
    const event = {
      version: "2.0",
      rawPath: "/webhooks/pre-event",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": getExpectedTwilioSignature(environment.AUTH_TOKEN, url, form),
      },
      body: new URLSearchParams(form).toString(),
      requestContext: { http: { method: "POST" } },
    };
    const lines: string[] = [];
    const handler = preEvent.open(environment, (_level, line) => lines.push(line), "webhooks/pre-event");
    const call = new Call("r1", Date.now() + 10_000);
    let now = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => (now += 2_000));
    return {
      ...(await handler.answer(toRequest(readGatewayEvent(event), environment), call)),
      log: lines.join("\n"),
    };
  }

  it("answers before Twilio's timeout, as configured for failures", async () => {
    expect(await answerWith("pass")).toMatchObject({ status: 200, body: {} });
    expect(await answerWith("reject")).toMatchObject({ status: 503, body: { code: "out_of_time" } });
    expect((await answerWith("pass")).log).toContain("out_of_time");
  });
});
