import { describe, expect, it } from "vitest";
import { withWebhooks } from "../support/client.ts";
import { type TestAccount, useAccount } from "../support/emulator.ts";

const logged: string[] = [];
const fixture = useAccount({ log: (line) => logged.push(line) });

/** The webhooks on the timeline that were not sent: event, scope, SID, and reason. */
async function unsent(account: TestAccount) {
  const { body } = await account.control("GET", "/timeline");
  const timeline = body.timeline as Record<string, unknown>[];
  return timeline
    .filter(({ kind, url }) => kind === "webhook" && url === undefined)
    .map(({ event, scope, webhookSid, error }) => [event, scope, webhookSid, error]);
}

/** "Webhook Configuration Resource": the routing target, ordinary or internally to Flex. */
describe("the account's target flex", () => {
  const toFlex = "not emulated: the account's webhooks are routed to Flex";

  it("sends nothing to the URLs, and records each webhook that would be sent to Flex", async () => {
    const account = fixture.current;
    const receiver = await account.receiver((_request, response) => response.writeHead(403).end());
    await account.client.conversations.v1.configuration.webhooks().update({
      preWebhookUrl: receiver.url,
      postWebhookUrl: receiver.url,
      filters: ["onMessageAdd", "onMessageAdded", "onUserAdded"],
      target: "flex",
    });
    const conversation = await account.conversation(withWebhooks);
    await conversation.messages.create({ body: "quiet" });
    await conversation.messages.create({ body: "Hello", ...withWebhooks });
    await conversation.participants.create({ identity: "alice", ...withWebhooks });
    await account.emulator.settle();
    expect(receiver.received).toEqual([]);
    expect(await unsent(account)).toEqual([
      ["onMessageAdd", "account", undefined, toFlex],
      ["onMessageAdded", "account", undefined, toFlex],
      ["onUserAdded", "account", undefined, toFlex],
    ]);
    expect(logged).toContain(`webhook onMessageAdded: ${toFlex}`);
  });

  it("records nothing for reachability, which has no webhook", async () => {
    const account = fixture.current;
    await account.client.conversations.v1.configuration.webhooks().update({ target: "flex" });
    const service = account.client.conversations.v1.services(account.emulator.chatServiceSid);
    await service.configuration().update({ reachabilityEnabled: true });
    await account.client.conversations.v1.users.create({ identity: "alice" });
    await account.control("POST", "/users/alice/presence", { online: true });
    const { body } = await account.control("GET", "/timeline");
    expect(body.timeline).toContainEqual(
      expect.objectContaining({ kind: "event", type: "reachabilityUpdated" }),
    );
    expect(await unsent(account)).toEqual([]);
  });

  it("does not apply to conversation-scoped webhooks or to a service with its own targets", async () => {
    const account = fixture.current;
    const { configuration, services } = account.client.conversations.v1;
    await configuration.webhooks().update({ target: "flex" });
    const conversation = await account.conversation();
    const scoped = await account.receiver();
    await conversation.webhooks.create({
      target: "webhook",
      "configuration.url": scoped.url,
      "configuration.filters": ["onMessageAdded"],
    });
    await conversation.messages.create({ body: "Hello", ...withWebhooks });
    const ofService = await account.receiver();
    const service = services(account.emulator.chatServiceSid);
    await service.configuration.webhooks().update({ postWebhookUrl: ofService.url });
    await conversation.messages.create({ body: "Hello again", ...withWebhooks });
    await account.emulator.settle();
    expect(scoped.values("Body")).toEqual(["Hello", "Hello again"]);
    expect(ofService.values("Body")).toEqual(["Hello again"]);
    const events = (await unsent(account)).map(([event]) => event);
    expect(events).toEqual(["onMessageAdd", "onMessageAdded"]);
  });
});

/** "Conversation Scoped Webhook Resource". */
describe("a conversation's webhook", () => {
  it("is called by GET when configured, with its SID", async () => {
    const account = fixture.current;
    const receiver = await account.receiver();
    const conversation = await account.conversation();
    const { sid } = await conversation.webhooks.create({
      target: "trigger",
      "configuration.method": "get",
      "configuration.url": `${receiver.url}/bot?key=1`,
      "configuration.triggers": ["help"],
    });
    await conversation.messages.create({ body: "Help!", ...withWebhooks });
    await account.emulator.settle();
    expect(receiver.received).toMatchObject([{ method: "GET", body: "" }]);
    expect(receiver.values("key")).toEqual(["1"]);
    expect(receiver.values("WebhookSid")).toEqual([sid]);
  });

  it("with a keyword and ReplayAfter receives the later messages that contain it", async () => {
    const account = fixture.current;
    const receiver = await account.receiver();
    const conversation = await account.conversation();
    for (const body of ["help 0", "help 1", "thanks"]) await conversation.messages.create({ body });
    await conversation.webhooks.create({
      target: "trigger",
      "configuration.url": receiver.url,
      "configuration.triggers": ["help"],
      "configuration.replayAfter": 1,
    });
    await account.emulator.settle();
    expect(receiver.values("Body")).toEqual(["help 1"]);
  });

  it("is one of five that all receive the same event", async () => {
    const account = fixture.current;
    const receiver = await account.receiver();
    const conversation = await account.conversation();
    for (let i = 0; i < 5; i += 1) {
      await conversation.webhooks.create({
        target: "webhook",
        "configuration.url": receiver.url,
        "configuration.filters": ["onConversationUpdated"],
      });
    }
    await conversation.update({ friendlyName: "Five", ...withWebhooks });
    await account.emulator.settle();
    expect(new Set(receiver.values("WebhookSid")).size).toBe(5);
  });

  it("receives nothing after it is detached", async () => {
    const account = fixture.current;
    const receiver = await account.receiver();
    const conversation = await account.conversation();
    const { sid } = await conversation.webhooks.create({
      target: "webhook",
      "configuration.url": receiver.url,
      "configuration.filters": ["onMessageAdded"],
    });
    await conversation.messages.create({ body: "before", ...withWebhooks });
    await conversation.webhooks(sid).remove();
    await conversation.messages.create({ body: "after", ...withWebhooks });
    await account.emulator.settle();
    expect(receiver.values("Body")).toEqual(["before"]);
  });
});
