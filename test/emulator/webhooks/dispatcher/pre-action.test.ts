import { describe, expect, it } from "vitest";
import { withWebhooks } from "../../support/client.ts";
import { rejection, type TestAccount, useAccount } from "../../support/emulator.ts";
import type { Receiver } from "../../support/receiver.ts";

const fixture = useAccount();
const person = "+15558675310";

/** A pre-action webhook that responds with `status` and `body`. */
async function moderator(account: TestAccount, status: number, body = ""): Promise<Receiver> {
  const receiver = await account.receiver((_request, response) => response.writeHead(status).end(body));
  await account.client.conversations.v1.configuration.webhooks().update({ preWebhookUrl: receiver.url });
  return receiver;
}

/** A pre-action webhook that responds when `answer` is called. `asked` waits for a number of requests. */
async function slowTarget(account: TestAccount) {
  const waiting: (() => void)[] = [];
  const { url } = await account.receiver((_request, response) => waiting.push(() => response.end()));
  await account.client.conversations.v1.configuration.webhooks().update({ preWebhookUrl: url });
  return {
    async asked(times: number) {
      while (waiting.length < times) await new Promise((resolve) => setImmediate(resolve));
    },
    answer() {
      for (const end of waiting) end();
    },
  };
}

/** "Conversations Webhooks": Using Pre-Action Webhooks to Modify or Reject Changes. */
describe("a pre-action webhook", () => {
  it.each(["", "{}", "not json", "[]"])("that responds with 200 and %j accepts the change", async (body) => {
    const account = fixture.current;
    const receiver = await moderator(account, 200, body);
    const conversation = await account.conversation({ friendlyName: "as it is", ...withWebhooks });
    expect((await conversation.fetch()).friendlyName).toBe("as it is");
    expect(receiver.values("EventType")).toEqual(["onConversationAdd"]);
    expect(receiver.received[0]?.fields.has("ConversationSid")).toBe(false);
  });

  it("is not called for REST writes without X-Twilio-Webhook-Enabled", async () => {
    const account = fixture.current;
    const receiver = await moderator(account, 403);
    await account.conversation();
    expect(receiver.received).toEqual([]);
  });

  it("modifies a message's body, author and attributes", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    await moderator(
      account,
      200,
      JSON.stringify({ body: "b**p", author: "moderator", attributes: '{"clean":true}', index: "9" }),
    );
    const message = await conversation.messages.create({ body: "beep", ...withWebhooks });
    expect(message).toMatchObject({
      body: "b**p",
      author: "moderator",
      attributes: '{"clean":true}',
      index: 0,
    });
  });

  it("modifies a conversation's friendly name", async () => {
    const account = fixture.current;
    await moderator(account, 200, '{"friendly_name":"better","unique_name":"no"}');
    const conversation = await account.conversation({ friendlyName: "good", ...withWebhooks });
    expect(await conversation.fetch()).toMatchObject({ friendlyName: "better", uniqueName: null });
  });

  it("modifies updates like creations", async () => {
    const account = fixture.current;
    const conversation = await account.conversation({ friendlyName: "old" });
    const { sid } = await conversation.messages.create({ body: "old" });
    const receiver = await moderator(account, 200, '{"friendly_name":"better","body":"better"}');
    await conversation.update({ friendlyName: "new", ...withWebhooks });
    await conversation.messages(sid).update({ body: "new", ...withWebhooks });
    expect((await conversation.fetch()).friendlyName).toBe("better");
    expect((await conversation.messages(sid).fetch()).body).toBe("better");
    expect(receiver.values("EventType")).toEqual(["onConversationUpdate", "onMessageUpdate"]);
    expect(receiver.values("FriendlyName")).toEqual(["new", undefined]);
    expect(receiver.values("Body")).toEqual([undefined, "new"]);
  });

  it("cannot modify a participant or a user", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    const { users } = account.client.conversations.v1;
    await users.create({ identity: "alice", friendlyName: "Alice" });
    await moderator(account, 200, '{"friendly_name":"x","attributes":"{\\"x\\":1}","identity":"x"}');
    await conversation.participants.create({ identity: "alice", ...withWebhooks });
    await users("alice").update({ attributes: '{"a":1}', ...withWebhooks });
    expect(await conversation.participants("alice").fetch()).toMatchObject({ attributes: "{}" });
    expect(await users("alice").fetch()).toMatchObject({ friendlyName: "Alice", attributes: '{"a":1}' });
  });

  it("with a friendly name that is too long causes an error for the caller, and no conversation", async () => {
    const account = fixture.current;
    await moderator(account, 200, JSON.stringify({ friendly_name: "x".repeat(257) }));
    expect(await rejection(account.conversations.create(withWebhooks))).toBe("400/50003");
    expect(await account.conversations.list()).toEqual([]);
  });

  it.each([201, 204, 299])(
    "that responds with %i accepts the change, with its modifications",
    async (status) => {
      const account = fixture.current;
      const conversation = await account.conversation();
      await moderator(account, status, status === 204 ? "" : '{"body":"better"}');
      const { body } = await conversation.messages.create({ body: "good", ...withWebhooks });
      expect(body).toBe(status === 204 ? "good" : "better");
    },
  );

  it.each([
    ["body", 7],
    ["author", ["alice"]],
    ["attributes", { clean: true }],
    ["friendly_name", { text: "better" }],
  ])("with a %s that is not text causes an error for the caller", async (field, value) => {
    const account = fixture.current;
    const conversation = await account.conversation({ friendlyName: "old" });
    await moderator(account, 200, JSON.stringify({ [field]: value }));
    const change =
      field === "friendly_name"
        ? conversation.update({ friendlyName: "new", ...withWebhooks })
        : conversation.messages.create({ body: "beep", ...withWebhooks });
    expect(await rejection(change)).toBe("400/20422");
    expect(await conversation.messages.list()).toEqual([]);
    expect((await conversation.fetch()).friendlyName).toBe("old");
  });

  it.each([
    ["attributes", "not json", 50304],
    ["attributes", JSON.stringify("x".repeat(4096)), 50303],
    ["body", "x".repeat(32 * 1024 + 1), 50504],
    ["author", "x".repeat(257), 50310],
    ["friendly_name", "x".repeat(257), 50003],
  ])(
    "with a %s that is invalid causes an error for the caller, of each change",
    async (field, value, code) => {
      const account = fixture.current;
      const conversation = await account.conversation({ friendlyName: "old" });
      const { sid } = await conversation.messages.create({ body: "old" });
      await moderator(account, 200, JSON.stringify({ [field]: value }));
      const changes =
        field === "friendly_name"
          ? [conversation.update({ friendlyName: "new", ...withWebhooks })]
          : [
              conversation.messages.create({ body: "beep", ...withWebhooks }),
              conversation.messages(sid).update({ body: "beep", ...withWebhooks }),
            ];
      for (const change of changes) expect(await rejection(change)).toBe(`400/${code}`);
      expect((await conversation.messages.list()).map(({ body }) => body)).toEqual(["old"]);
      expect((await conversation.fetch()).friendlyName).toBe("old");
    },
  );

  it("with an invalid modification drops a phone's message, whose sender has no error to see", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    const { smsNumber } = account.emulator;
    const pair = { "messagingBinding.address": person, "messagingBinding.proxyAddress": smsNumber };
    await conversation.participants.create(pair);
    await moderator(account, 200, '{"body":7}');
    const sent = await account.send(person, smsNumber, "hello");
    expect(sent).toMatchObject({ routed: false, reason: expect.stringContaining("20422") });
    expect(await conversation.messages.list()).toEqual([]);
  });

  it.each([301, 302, 307, 400, 403, 500, 503])("that responds with %i rejects the change", async (status) => {
    const account = fixture.current;
    const conversation = await account.conversation();
    const receiver = await moderator(account, status);
    const archive = await account.receiver();
    await account.client.conversations.v1.configuration.webhooks().update({ postWebhookUrl: archive.url });
    expect(await rejection(conversation.messages.create({ body: "no", ...withWebhooks }))).toBe("400/50056");
    expect(await conversation.messages.list()).toEqual([]);
    await account.emulator.settle();
    expect(receiver.values("EventType")).toEqual(["onMessageAdd"]);
    expect(archive.received).toEqual([]);
  });

  it("that cannot be reached accepts the change", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    const gone = await account.receiver();
    await gone.close();
    const { webhooks } = account.client.conversations.v1.configuration;
    for (const preWebhookUrl of [gone.url, `${gone.url}/#rc=2`, `${gone.url}/#rp=never`]) {
      await webhooks().update({ preWebhookUrl });
      await conversation.messages.create({ body: preWebhookUrl, ...withWebhooks });
    }
    expect(await conversation.messages.list()).toHaveLength(3);
    const codes = (await account.webhooks()).map(({ error }) => error?.code);
    expect(codes).toEqual([11205, 11205, 11205, 11205, 11243]);
  });

  it.each([
    [
      "another protocol",
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
      11206,
    ],
    ["a response that is not HTTP", "+OK\r\n\r\n", 11206],
    ["a truncated response", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", 11200],
    ["nothing", "", 11200],
  ])("that responds with %s accepts the change", async (_what, bytes, code) => {
    const account = fixture.current;
    const conversation = await account.conversation();
    const broken = await account.receiver((_request, response) => response.socket?.end(bytes));
    await account.client.conversations.v1.configuration.webhooks().update({ preWebhookUrl: broken.url });
    expect(await conversation.messages.create({ body: "on", ...withWebhooks })).toMatchObject({ body: "on" });
    expect(await account.webhooks()).toMatchObject([{ response: null, error: { code } }]);
  });

  it.each([
    [[503, 200], "passes"],
    [[503, 503], "400/50056"],
  ])("that responds with %j, with retries, decides by its last response: %s", async (statuses, outcome) => {
    const account = fixture.current;
    const conversation = await account.conversation();
    const receiver = await account.receiver((_request, response) =>
      response.writeHead(statuses.shift() ?? 0).end(),
    );
    await account.client.conversations.v1.configuration
      .webhooks()
      .update({ preWebhookUrl: `${receiver.url}/#rc=1&rp=5xx` });
    const posting = conversation.messages.create({ body: "again", ...withWebhooks });
    if (outcome === "passes") expect((await posting).body).toBe("again");
    else expect(await rejection(posting)).toBe(outcome);
    expect(receiver.values("RetryCount")).toEqual(["0", "1"]);
  });

  it("drops a phone's message that it rejects", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    await conversation.participants.create({
      "messagingBinding.address": person,
      "messagingBinding.proxyAddress": account.emulator.smsNumber,
    });
    await moderator(account, 403);
    expect(await account.send(person, account.emulator.smsNumber, "spam")).toMatchObject({ routed: false });
    expect(await conversation.messages.list()).toEqual([]);
  });

  it("that does not respond within five seconds accepts the change, after that time", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    const silent = await account.receiver(() => {});
    await account.client.conversations.v1.configuration.webhooks().update({ preWebhookUrl: silent.url });
    const posting = conversation.messages.create({ body: "at last", ...withWebhooks });
    while (silent.received.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await conversation.messages.list()).toEqual([]);
    await account.control("POST", "/clock/advance", { duration: "PT5S", settle: false });
    expect(await posting).toMatchObject({ body: "at last", index: 0 });
  });

  it("is followed by 404 when the conversation was deleted meanwhile", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    const slow = await slowTarget(account);
    const posting = rejection(conversation.messages.create({ body: "late", ...withWebhooks }));
    await slow.asked(1);
    await conversation.remove();
    slow.answer();
    expect(await posting).toBe("404/20404");
  });

  it("is followed by 404 when the service was deleted meanwhile", async () => {
    const account = fixture.current;
    const { services } = account.client.conversations.v1;
    const { sid } = await services.create({ friendlyName: "Second" });
    await services(sid).users.create({ identity: "alice" });
    const slow = await slowTarget(account);
    const changes = Promise.all([
      rejection(services(sid).conversations.create(withWebhooks)),
      rejection(
        services(sid)
          .users("alice")
          .update({ friendlyName: "Alice", ...withWebhooks }),
      ),
    ]);
    await slow.asked(2);
    await services(sid).remove();
    slow.answer();
    expect(await changes).toEqual(["404/20404", "404/20404"]);
  });

  it("for an autocreated conversation is followed by the default service when the rule's is deleted meanwhile", async () => {
    const account = fixture.current;
    const { services } = account.client.conversations.v1;
    const { sid } = await services.create({ friendlyName: "Second" });
    const { smsNumber } = account.emulator;
    await account.autocreate({ "autoCreation.conversationServiceSid": sid });
    const slow = await slowTarget(account);
    const sent = account.send(person, smsNumber, "Hello");
    await slow.asked(1);
    await services(sid).remove();
    slow.answer();
    const { conversationSid } = await sent;
    expect(await account.conversations(String(conversationSid)).messages.list()).toHaveLength(1);
  });
});
