import { describe, expect, it } from "vitest";
import { withWebhooks } from "../../support/client.ts";
import { startTime, type TestAccount, useAccount } from "../../support/emulator.ts";
import type { Receiver } from "../../support/receiver.ts";

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

describe("the events of a conversation from its creation to its end", () => {
  it("are sent in order, with the fields of their tables", async () => {
    const account = fixture.current;
    const receiver = await archive(account);
    const conversation = await account.conversation({
      uniqueName: "order-7",
      friendlyName: "Order 7",
      ...withWebhooks,
    });
    const { sid: alice } = await conversation.participants.create({ identity: "alice", ...withWebhooks });
    await conversation.participants("alice").update({ lastReadMessageIndex: 0, ...withWebhooks });
    const { sid: message } = await conversation.messages.create({
      body: "a",
      author: "alice",
      ...withWebhooks,
    });
    await conversation.messages(message).update({ body: "b", ...withWebhooks });
    await conversation.messages(message).remove(withWebhooks);
    await account.client.conversations.v1.users("alice").update({ friendlyName: "Alice", ...withWebhooks });
    await conversation.participants("alice").remove(withWebhooks);
    await conversation.update({ friendlyName: "Order 7, paid", ...withWebhooks });
    await conversation.remove(withWebhooks);
    await account.emulator.settle();

    const common = { AccountSid: account.emulator.accountSid, Source: "API", RetryCount: "0" };
    const ids = {
      ChatServiceSid: account.emulator.chatServiceSid,
      ConversationSid: expect.stringMatching(/^CH/),
    };
    const dates = { DateCreated: at, DateUpdated: at };
    const named = { UniqueName: "order-7", Attributes: "{}", State: "active" };
    const service = { MessagingServiceSid: account.emulator.messagingServiceSid };
    const member = {
      ParticipantSid: alice,
      Identity: "alice",
      RoleSid: expect.stringMatching(/^RL/),
      Attributes: "{}",
      "MessagingBinding.Type": "chat",
    };
    const posted = {
      MessageSid: message,
      Index: "0",
      Author: "alice",
      ParticipantSid: alice,
      Attributes: "{}",
    };
    const user = {
      ChatServiceSid: account.emulator.chatServiceSid,
      UserSid: expect.stringMatching(/^US/),
      Identity: "alice",
      RoleSid: expect.stringMatching(/^RL/),
      Attributes: "{}",
    };
    const removed = { DateRemoved: at };
    const expected = [
      { EventType: "onConversationAdded", ...ids, ...service, ...dates, ...named, FriendlyName: "Order 7" },
      { EventType: "onUserAdded", ...user, DateCreated: at },
      { EventType: "onParticipantAdded", ...ids, ...member, DateCreated: at },
      { EventType: "onParticipantUpdated", ...ids, ...member, ...dates, LastReadMessageIndex: "0" },
      { EventType: "onMessageAdded", ...ids, ...service, ...posted, Body: "a", DateCreated: at },
      { EventType: "onMessageUpdated", ...ids, ...posted, Body: "b", ...dates },
      { EventType: "onMessageRemoved", ...ids, ...posted, Body: "b", ...dates, ...removed },
      {
        EventType: "onUserUpdated",
        ...user,
        ...dates,
        FriendlyName: "Alice",
        isOnline: "false",
        isNotifiable: "false",
      },
      { EventType: "onParticipantRemoved", ...ids, ...member, ...dates, ...removed },
      {
        EventType: "onConversationUpdated",
        ...ids,
        ...service,
        ...dates,
        ...named,
        FriendlyName: "Order 7, paid",
      },
      {
        EventType: "onConversationRemoved",
        ...ids,
        ...service,
        ...dates,
        ...named,
        FriendlyName: "Order 7, paid",
        ...removed,
      },
    ].map((fields) => ({ ...common, ...fields }));
    const told = receiver.received.map(({ fields }) => Object.fromEntries(fields));
    const isOfUser = ({ EventType = "" }: Record<string, string>) => EventType.startsWith("onUser");
    // Users belong to the service, not to the conversation, so their events are not ordered with the others.
    expect(told.filter((fields) => !isOfUser(fields))).toEqual(
      expected.filter(({ EventType }) => !isOfUser({ EventType })),
    );
    expect(told.filter(isOfUser)).toEqual(expected.filter(({ EventType }) => isOfUser({ EventType })));
  });

  it("with a phone contain the binding, the channel and each step of the delivery", async () => {
    const account = fixture.current;
    const receiver = await archive(account, { filters: ["onParticipantAdded", "onDeliveryUpdated"] });
    const conversation = await account.conversation();
    const { sid: participantSid } = await conversation.participants.create({
      "messagingBinding.address": person,
      "messagingBinding.proxyAddress": account.emulator.smsNumber,
      ...withWebhooks,
    });
    const { sid: messageSid } = await conversation.messages.create({ body: "Hello" });
    await account.emulator.settle();
    expect(Object.fromEntries(receiver.received[0]?.fields ?? [])).toMatchObject({
      "MessagingBinding.Address": person,
      "MessagingBinding.ProxyAddress": account.emulator.smsNumber,
      "MessagingBinding.Type": "sms",
    });
    expect(receiver.values("Status").slice(1)).toEqual(["sent", "delivered"]);
    expect(Object.fromEntries(receiver.received[2]?.fields ?? [])).toEqual({
      AccountSid: account.emulator.accountSid,
      EventType: "onDeliveryUpdated",
      Source: "API",
      RetryCount: "0",
      ChatServiceSid: account.emulator.chatServiceSid,
      ConversationSid: (await conversation.fetch()).sid,
      MessageSid: messageSid,
      DeliveryReceiptSid: expect.stringMatching(/^DY/),
      ChannelMessageSid: expect.stringMatching(/^SM/),
      ParticipantSid: participantSid,
      Status: "delivered",
      ErrorCode: "0",
      DateCreated: at,
      DateUpdated: at,
    });
  });
});
