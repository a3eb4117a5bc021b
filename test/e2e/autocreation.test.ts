import { describe, expect, it } from "vitest";
import { type TestAccount, useAccount } from "../emulator/support/emulator.ts";

const fixture = useAccount();
/** The Facebook page, and a person who writes to it. */
const page = "messenger:1048223";
const customer = "messenger:7012345";

type Rule = Omit<
  Parameters<TestAccount["client"]["conversations"]["v1"]["addressConfigurations"]["create"]>[0],
  "type" | "address"
>;

/** Creates the page's address configuration and sends the customer's first message. */
async function firstMessage(account: TestAccount, rule: Rule) {
  await account.control("POST", "/numbers", { address: page });
  const created = await account.client.conversations.v1.addressConfigurations.create({
    type: "messenger",
    address: page,
    ...rule,
  });
  expect(created.autoCreation).toMatchObject({ enabled: true });
  const { conversationSid } = await account.send(customer, page, "Do you deliver?");
  const conversation = account.conversations(String(conversationSid));
  expect(await conversation.participants.list()).toMatchObject([
    { messagingBinding: { type: "messenger", address: customer, proxy_address: page } },
  ]);
  return conversation;
}

/** The guide "Using Facebook Messenger with Twilio Conversations": with its four rules. */
describe("Setting up Conversation autocreation", () => {
  it("Create a Conversation and do nothing else", async () => {
    const account = fixture.current;
    const conversation = await firstMessage(account, {
      "autoCreation.enabled": true,
      "autoCreation.type": "default",
    });
    expect(await conversation.webhooks.list()).toEqual([]);
    expect(await conversation.messages.list()).toMatchObject([{ body: "Do you deliver?", author: customer }]);

    // An application that polls for new conversations adds an agent.
    await conversation.participants.create({ identity: "agent" });
    await conversation.messages.create({ author: "agent", body: "Every day but Sunday" });
    await account.emulator.settle();
    expect((await account.inbox(customer)).at(-1)).toMatchObject({
      from: page,
      body: "Every day but Sunday",
    });
  });

  it("Create a Conversation and notify your server-side integration", async () => {
    const account = fixture.current;
    const server = await account.receiver();
    const conversation = await firstMessage(account, {
      "autoCreation.enabled": true,
      "autoCreation.type": "webhook",
      "autoCreation.webhookFilters": ["onConversationAdded"],
      "autoCreation.webhookUrl": server.url,
      "autoCreation.webhookMethod": "post",
    });
    const { sid } = await conversation.fetch();
    expect(server.values("EventType")).toEqual(["onConversationAdded"]);
    expect(server.values("ConversationSid")).toEqual([sid]);
    expect(server.values("WebhookSid")).toEqual([(await conversation.webhooks.list())[0]?.sid]);

    await account.send(customer, page, "Today?");
    expect(server.received).toHaveLength(1);
  });

  it("Create a Conversation, notify your server-side integration, and send all subsequent Messages to it", async () => {
    const account = fixture.current;
    const server = await account.receiver();
    await firstMessage(account, {
      "autoCreation.enabled": true,
      "autoCreation.type": "webhook",
      "autoCreation.webhookFilters": ["onConversationAdded", "onMessageAdded"],
      "autoCreation.webhookUrl": server.url,
      "autoCreation.webhookMethod": "get",
    });
    await account.send(customer, page, "Today?");
    expect(
      server.received.map(({ method, fields }) => [method, fields.get("EventType"), fields.get("Body")]),
    ).toEqual([
      ["GET", "onConversationAdded", undefined],
      ["GET", "onMessageAdded", "Do you deliver?"],
      ["GET", "onMessageAdded", "Today?"],
    ]);
  });

  it("Create a Conversation and connect it to a Studio Flow", async () => {
    const account = fixture.current;
    const flowSid = "FWaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const conversation = await firstMessage(account, {
      "autoCreation.enabled": true,
      "autoCreation.type": "studio",
      "autoCreation.studioFlowSid": flowSid,
    });
    const [webhook] = await conversation.webhooks.list();
    expect(webhook).toMatchObject({ target: "studio", configuration: { flow_sid: flowSid } });

    // The account has no flow with this SID; the timeline has the attempt to start it.
    const { body } = await account.control("GET", "/timeline");
    const entries = body.timeline as Record<string, unknown>[];
    expect(entries.filter((entry) => entry.flowSid === flowSid)).toMatchObject([
      { kind: "studio", message: expect.stringContaining(`there is no Studio flow ${flowSid}`) },
    ]);
  });
});
