import { describe, expect, it } from "vitest";
import { notify, pushes, registerDevice } from "../support/devices.ts";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();

/** Alice with an iPhone, where badges are on, and functions to start conversations with her. */
async function setUp() {
  const account = fixture.current;
  await notify(account, { "newMessage.enabled": true, "newMessage.badgeCountEnabled": true });
  await registerDevice(account, "alice", "apn");
  const { userConversations } = account.client.conversations.v1.users("alice");
  /** A conversation whose first message Alice has read. */
  const begin = async (uniqueName: string, ...others: string[]) => {
    const conversation = await account.conversation({ uniqueName });
    for (const identity of ["alice", ...others]) await conversation.participants.create({ identity });
    await conversation.messages.create({ author: "alice", body: "Hello" });
    await userConversations(uniqueName).update({ lastReadMessageIndex: 0 });
    return conversation;
  };
  const write = (conversation: Awaited<ReturnType<typeof begin>>) =>
    conversation.messages.create({ author: "bob", body: "Hello" });
  return { account, begin, write, userConversations };
}

/** The badges that were sent to alice's devices so far, with the kind of push. */
async function badges() {
  return (await pushes(fixture.current, "alice")).map(({ messageType, payload }) => {
    const { aps } = payload as { aps: { badge?: number } };
    return [messageType.split(".").at(-1), aps.badge];
  });
}

describe("The badge of iOS devices", () => {
  it("counts the one-to-one conversations with unread messages", async () => {
    const { begin, write } = await setUp();
    const [first, second] = [await begin("first", "bob"), await begin("second", "bob")];
    await write(first);
    await write(first);
    await write(second);
    await write(await begin("group", "bob", "carol"));
    expect(await badges()).toEqual([1, 1, 2, 2].map((badge) => ["new_message", badge]));
  });

  it("does not count a conversation without a read horizon", async () => {
    const { account, write } = await setUp();
    const conversation = await account.conversation();
    for (const identity of ["alice", "bob"]) await conversation.participants.create({ identity });
    await write(conversation);
    expect(await badges()).toEqual([["new_message", 0]]);
  });

  it("is omitted while it is disabled, and for other devices and kinds", async () => {
    const { account, begin, write, userConversations } = await setUp();
    await registerDevice(account, "bob", "fcm");
    const conversation = await begin("first", "bob");
    expect(JSON.stringify(await pushes(account, "bob"))).not.toContain("badge");
    await notify(account, { "addedToConversation.enabled": true, "newMessage.badgeCountEnabled": false });
    await write(conversation);
    await userConversations("first").update({ lastReadMessageIndex: 1 });
    await begin("second", "bob");
    expect(await badges()).toEqual([
      ["new_message", undefined],
      ["added_to_conversation", undefined],
    ]);
  });

  it("is lowered by a push to every iOS device when a message is read, once", async () => {
    const { account, begin, write, userConversations } = await setUp();
    const tablet = { endpoint: "tablet", messageTypes: ["added_to_conversation"] };
    await registerDevice(account, "alice", "apn", tablet);
    await registerDevice(account, "alice", "fcm");
    const [first, second] = [await begin("first", "bob"), await begin("second", "bob")];
    await write(first);
    await write(second);
    const before = (await pushes(account, "alice")).length;
    await userConversations("first").update({ lastReadMessageIndex: 1 });
    await userConversations("first").update({ lastReadMessageIndex: 1 });
    const after = (await pushes(account, "alice")).slice(before);
    expect(after.map(({ endpoint }) => endpoint)).toEqual(["alice-endpoint", "tablet"]);
    for (const { payload, conversationSid } of after) {
      expect(conversationSid).toBeNull();
      expect(payload).toEqual({
        aps: { badge: 1 },
        twi_message_type: "twilio.channel.consumption_update",
        twi_message_id: expect.stringMatching(/^RU[0-9a-f]{32}$/),
      });
    }
  });

  it.each([
    ["a message is deleted", "messages"],
    ["a third participant joins", "join"],
    ["the other participant leaves", "leave"],
    ["the conversation is deleted", "remove"],
    ["the user leaves", "expel"],
  ] as const)("is lowered when %s", async (_, act) => {
    const { begin, write } = await setUp();
    const conversation = await begin("first", "bob");
    const message = await write(conversation);
    if (act === "messages") await conversation.messages(message.sid).remove();
    if (act === "join") await conversation.participants.create({ identity: "carol" });
    if (act === "leave") await conversation.participants("bob").remove();
    if (act === "remove") await conversation.remove();
    if (act === "expel") await conversation.participants("alice").remove();
    expect(await badges()).toEqual([
      ["new_message", 1],
      ["consumption_update", 0],
    ]);
  });
});
