import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readEvent } from "../../../../handlers/webhooks/reactions/event.ts";
import { useAccount } from "../../../emulator/support/emulator.ts";

const AC = `AC${"a".repeat(32)}`;
const delivery = {
  AccountSid: AC,
  EventType: "onDeliveryUpdated",
  ConversationSid: `CH${"1".repeat(32)}`,
  MessageSid: `IM${"1".repeat(32)}`,
  ParticipantSid: `MB${"1".repeat(32)}`,
  Status: "undelivered",
  ErrorCode: "63016",
};

describe("readEvent", () => {
  it("parses numbers, and omits fields that are not in the tables", () => {
    const event = readEvent({ ...delivery, RetryCount: "0", Something: "new" });
    expect(event).toEqual({ ...delivery, ErrorCode: 63016, Source: "API" });
  });

  it("treats the error code 0 as none", () => {
    const { ErrorCode: _left, ...sent } = delivery;
    expect(readEvent({ ...sent, Status: "sent" })).toMatchObject({ Status: "sent", ErrorCode: 0 });
  });

  it.each(["onSomethingNew", "__proto__", "toString", undefined, ["onMessageAdded"]])(
    "rejects the event name %j",
    (EventType) => expect(readEvent({ ...delivery, EventType })).toBeUndefined(),
  );

  it.each([
    ["lacks its conversation", { ConversationSid: undefined }, "ConversationSid"],
    ["has an invalid conversation SID", { ConversationSid: "../Services" }, "ConversationSid"],
    ["has one field twice", { MessageSid: ["IM1", "IM2"] }, "MessageSid"],
    ["has an invalid number", { ErrorCode: "many" }, "ErrorCode"],
  ])("names the field of an event that %s", (_what, change, field) => {
    expect(() => readEvent({ ...delivery, ...change })).toThrow(field);
  });

  it("parses or rejects any input, and never throws otherwise", () => {
    const names = fc.constantFrom(
      "onMessageAdded",
      "onUserUpdated",
      "onConversationAdd",
      "onDeliveryUpdated",
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), names, (fields, EventType) => {
        try {
          expect(readEvent({ ...fields, AccountSid: AC, EventType })?.EventType).toBe(EventType);
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid_input" });
        }
      }),
    );
  });
});

describe("the events of a conversation", () => {
  const fixture = useAccount();

  it("are all parsed as the emulator sends them", async () => {
    const account = fixture.current;
    const receiver = await account.receiver();
    const webhooks = { preWebhookUrl: receiver.url, postWebhookUrl: receiver.url };
    await account.client.conversations.v1.configuration.webhooks().update(webhooks);
    const tell = { xTwilioWebhookEnabled: "true" } as const;
    const user = await account.client.conversations.v1.users.create({ identity: "bob", ...tell });
    await account.client.conversations.v1.users(user.sid).update({ friendlyName: "Bob", ...tell });
    const conversation = await account.conversation({ friendlyName: "A", ...tell });
    await conversation.update({ friendlyName: "B", ...tell });
    const { participants } = conversation;
    const { sid } = await participants.create({
      "messagingBinding.address": "+15558675310",
      "messagingBinding.proxyAddress": account.emulator.smsNumber,
      ...tell,
    });
    const message = await conversation.messages.create({ body: "Hello", ...tell });
    await conversation.messages(message.sid).update({ body: "Hello!", ...tell });
    await account.emulator.settle();
    await conversation.messages(message.sid).remove(tell);
    await participants(sid).update({ attributes: '{"a":1}', ...tell });
    await participants(sid).remove(tell);
    await conversation.update({ state: "inactive", ...tell });
    await conversation.remove(tell);
    await account.emulator.settle();
    const events = receiver.received.map(({ fields }) => readEvent(Object.fromEntries(fields)));
    // All 23 of them.
    expect(new Set(events.map((event) => event?.EventType)).size).toBe(23);
    expect(events.find((event) => event?.EventType === "onConversationAdded")).toMatchObject({
      FriendlyName: "A",
    });
  });
});
