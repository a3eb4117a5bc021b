import { describe, expect, it } from "vitest";
import { useAccount } from "../../support/emulator.ts";
import { autocreating } from "../../support/inbound.ts";

const fixture = useAccount();
const person = "+15558675310";

/** "Inbound Message Handling & Autocreation": Webhooks on Autocreation. */
describe("a message that belongs to no conversation", () => {
  it("creates one with its sender and itself, and the pre-action webhook is called for the conversation only", async () => {
    const account = fixture.current;
    const { smsNumber, messagingServiceSid, chatServiceSid } = account.emulator;
    const receiver = await autocreating(account);
    const routing = await account.send(person, smsNumber, "Is anybody there?");
    expect(receiver.values("EventType")).toEqual([
      "onConversationAdd",
      "onConversationAdded",
      "onParticipantAdded",
      "onMessageAdded",
    ]);
    const [add, added] = receiver.received;
    const pair = { "MessagingBinding.Address": person, "MessagingBinding.ProxyAddress": smsNumber };
    expect(Object.fromEntries(add?.fields ?? [])).toEqual({
      AccountSid: account.emulator.accountSid,
      EventType: "onConversationAdd",
      Source: "SMS",
      RetryCount: "0",
      ChatServiceSid: chatServiceSid,
      MessagingServiceSid: messagingServiceSid,
      Attributes: "{}",
      State: "active",
      MessageBody: "Is anybody there?",
      ...pair,
    });
    expect(Object.fromEntries(added?.fields ?? [])).toMatchObject({
      ConversationSid: routing.conversationSid,
      ...pair,
    });
    expect(added?.fields.has("MessageBody")).toBe(false);
    const conversation = account.conversations(String(routing.conversationSid));
    expect(await conversation.participants.list()).toMatchObject([
      { messagingBinding: { type: "sms", address: person, proxy_address: smsNumber } },
    ]);
    expect(await conversation.messages.list()).toMatchObject([
      { sid: routing.messageSid, author: person, body: "Is anybody there?" },
    ]);
  });

  it("is followed by later messages in the same conversation", async () => {
    const account = fixture.current;
    await autocreating(account);
    const first = await account.send(person, account.emulator.smsNumber, "One");
    const second = await account.send(person, account.emulator.smsNumber, "Two");
    expect(second).toMatchObject({ routed: true, conversationSid: first.conversationSid });
    const other = await account.send("+15558675311", account.emulator.smsNumber, "Somebody else");
    expect(other.conversationSid).not.toBe(first.conversationSid);
  });

  it("creates one conversation, also when two arrive during the pre-action webhook", async () => {
    const account = fixture.current;
    await autocreating(account);
    const path = `/phones/${encodeURIComponent(person)}/messages`;
    const send = (body: string) => account.control("POST", path, { to: account.emulator.smsNumber, body });
    const [one, two] = await Promise.all([send("One"), send("Two")]);
    expect(one.body).toMatchObject({ routed: true });
    expect(two.body.conversationSid).toBe(one.body.conversationSid);
    expect(await account.conversations.list()).toHaveLength(1);
    const messages = await account.conversations(String(one.body.conversationSid)).messages.list();
    expect(messages.map(({ body }) => body).toSorted()).toEqual(["One", "Two"]);
  });

  it("is dropped when the pre-action webhook rejects the conversation", async () => {
    const account = fixture.current;
    await autocreating(account);
    const moderator = await account.receiver((_request, response) => response.writeHead(403).end());
    await account.client.conversations.v1.configuration.webhooks().update({ preWebhookUrl: moderator.url });
    const routing = await account.send(person, account.emulator.smsNumber, "Buy now");
    expect(routing).toMatchObject({ routed: false, reason: expect.stringContaining("50056") });
    expect(await account.conversations.list()).toEqual([]);
    expect(moderator.values("MessageBody")).toEqual(["Buy now"]);
  });

  it("sends its media to the pre-action webhook, which may name the conversation", async () => {
    const account = fixture.current;
    await autocreating(account);
    const answer = JSON.stringify({ friendly_name: "A new customer" });
    const moderator = await account.receiver((_request, response) => response.end(answer));
    await account.client.conversations.v1.configuration.webhooks().update({ preWebhookUrl: moderator.url });
    const media = ["https://example.com/door.jpg"];
    const { conversationSid } = await account.send(person, account.emulator.smsNumber, { media });
    const shown = JSON.parse(moderator.values("Media")[0] ?? "[]");
    expect(shown).toEqual([
      { Sid: expect.stringMatching(/^ME/), Filename: "door.jpg", ContentType: "image/jpeg", Size: 0 },
    ]);
    const conversation = await account.conversations(String(conversationSid)).fetch();
    expect(conversation.friendlyName).toBe("A new customer");
  });

  it("to a closed conversation creates a new one with its sender only", async () => {
    const account = fixture.current;
    await autocreating(account);
    const { conversationSid } = await account.send(person, account.emulator.smsNumber, "Hello");
    const old = account.conversations(String(conversationSid));
    await old.participants.create({ identity: "agent" });
    await old.update({ state: "closed" });
    const again = await account.send(person, account.emulator.smsNumber, "One more thing");
    expect(again).toMatchObject({ routed: true });
    expect(again.conversationSid).not.toBe(conversationSid);
    const participants = await account.conversations(String(again.conversationSid)).participants.list();
    expect(participants.map(({ identity }) => identity)).toEqual([null]);
  });

  it.each(["removing the participant", "deleting the conversation"])(
    "creates a new one after %s",
    async (how) => {
      const account = fixture.current;
      await autocreating(account);
      const { conversationSid } = await account.send(person, account.emulator.smsNumber, "Hello");
      const old = account.conversations(String(conversationSid));
      if (how === "deleting the conversation") await old.remove();
      else for (const { sid } of await old.participants.list()) await old.participants(sid).remove();
      const again = await account.send(person, account.emulator.smsNumber, "Hello again");
      expect(again.conversationSid).toMatch(/^CH/);
      expect(again.conversationSid).not.toBe(conversationSid);
    },
  );

  it("creates none while autocreation is disabled, or when its body is too long for a conversation", async () => {
    const account = fixture.current;
    await autocreating(account, { "autoCreation.enabled": false });
    expect(await account.send(person, account.emulator.smsNumber, "Hello")).toMatchObject({ routed: false });
    const { addressConfigurations } = account.client.conversations.v1;
    await addressConfigurations(account.emulator.smsNumber).update({ "autoCreation.enabled": true });
    const long = await account.send(person, account.emulator.smsNumber, "x".repeat(32 * 1024 + 1));
    expect(long).toMatchObject({ routed: false, reason: expect.stringContaining("50504") });
    expect(await account.conversations.list()).toEqual([]);
  });

  it("creates one in the service that the rule names, with the account's timers", async () => {
    const account = fixture.current;
    const { sid } = await account.client.conversations.v1.services.create({ friendlyName: "Support" });
    await account.client.conversations.v1.configuration().update({ defaultInactiveTimer: "PT10M" });
    await autocreating(account, { "autoCreation.conversationServiceSid": sid });
    const { conversationSid } = await account.send(person, account.emulator.smsNumber, "Hello");
    const conversation = account.client.conversations.v1.services(sid).conversations(String(conversationSid));
    expect((await conversation.fetch()).timers).toMatchObject({ date_inactive: "2026-01-05T10:10:00Z" });
  });

  it.each([
    ["whatsapp", "whatsapp:+15558675310", "whatsapp:+14155238886", "WHATSAPP"],
    ["messenger", "messenger:7012345", "messenger:1048223", "MESSENGER"],
    ["rcs", "rcs:+15558675310", "rcs:brand_agent", "RCS"],
  ])("creates one on %s, too", async (type, from, to, source) => {
    const account = fixture.current;
    await account.control("POST", "/numbers", { address: to });
    await account.client.conversations.v1.addressConfigurations.create({
      type,
      address: to,
      "autoCreation.enabled": true,
    } as Parameters<typeof account.client.conversations.v1.addressConfigurations.create>[0]);
    const receiver = await account.receiver();
    await account.client.conversations.v1.configuration.webhooks().update({ postWebhookUrl: receiver.url });
    const { conversationSid } = await account.send(from, to, "Hello");
    expect(new Set(receiver.values("Source"))).toEqual(new Set([source]));
    await account.conversations(String(conversationSid)).messages.create({ body: "How can we help?" });
    await account.emulator.settle();
    expect((await account.inbox(from)).map(({ body }) => body)).toEqual(["Hello", "How can we help?"]);
  });
});

describe("a messaging service that autocreates", () => {
  it("creates conversations for the numbers in its pool, with its SID", async () => {
    const account = fixture.current;
    const { sid } = await account.client.messaging.v1.services.create({ friendlyName: "Support" });
    const [number] = await account.client.incomingPhoneNumbers.list();
    await account.client.messaging.v1
      .services(sid)
      .phoneNumbers.create({ phoneNumberSid: number?.sid ?? "" });
    expect(await account.send(person, account.emulator.smsNumber, "Hello")).toMatchObject({ routed: false });
    const path = `/messaging-services/${sid}`;
    expect((await account.control("POST", path, { autoCreation: true })).body).toEqual({
      sid,
      autoCreation: true,
    });
    const { conversationSid } = await account.send(person, account.emulator.smsNumber, "Hello");
    expect(await account.conversations(String(conversationSid)).fetch()).toMatchObject({
      messagingServiceSid: sid,
    });
    expect((await account.control("POST", path, {})).status).toBe(400);
    expect((await account.control("POST", "/messaging-services/MG0", { autoCreation: true })).status).toBe(
      404,
    );
  });
});
