import { expect, it } from "vitest";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Read Horizon page: there is none until it is set, and it says when it was set", async () => {
  const account = fixture.current;
  const conversation = await account.conversation({ uniqueName: "support" });
  const { sid } = await conversation.participants.create({ identity: "alice" });
  await conversation.messages.create({ body: "one" });
  const alice = conversation.participants(sid);
  const userConversation = account.client.conversations.v1.users("alice").userConversations("support");
  const none = { lastReadMessageIndex: null, lastReadTimestamp: null };
  expect(await alice.fetch()).toMatchObject(none);
  expect((await userConversation.fetch()).unreadMessagesCount).toBeNull();

  await account.emulator.advance(5000);
  const read = { lastReadMessageIndex: 0, lastReadTimestamp: "2026-01-05T10:00:05Z" };
  expect(await alice.update({ lastReadMessageIndex: 0 })).toMatchObject(read);

  await account.emulator.advance(5000);
  expect((await userConversation.update({ lastReadMessageIndex: 0 })).lastReadMessageIndex).toBe(0);
  expect((await alice.fetch()).lastReadTimestamp).toBe("2026-01-05T10:00:10Z");
  const earlier = { lastReadMessageIndex: 0, lastReadTimestamp: "2026-01-05T09:00:00Z" };
  expect(await alice.update(earlier)).toMatchObject(earlier);

  await account.rest("POST", "/v1/Users/alice/Conversations/support", "LastReadMessageIndex=null");
  expect(await alice.fetch()).toMatchObject(none);
});

it("The Read Horizon page: unread are the existing messages after it, by any author", async () => {
  const account = fixture.current;
  const conversation = await account.conversation({ uniqueName: "support" });
  await conversation.participants.create({ identity: "alice" });
  for (const body of ["one", "two", "three"]) await conversation.messages.create({ body });
  const own = await conversation.messages.create({ author: "alice", body: "four" });
  const userConversation = account.client.conversations.v1.users("alice").userConversations("support");
  expect((await userConversation.update({ lastReadMessageIndex: 0 })).unreadMessagesCount).toBe(3);
  await conversation.messages(own.sid).remove();
  expect((await userConversation.fetch()).unreadMessagesCount).toBe(2);
  // Indexes are sequential and not consecutive: the horizon may be where a message was, or beyond the last.
  expect((await userConversation.update({ lastReadMessageIndex: 3 })).unreadMessagesCount).toBe(0);
  expect((await userConversation.update({ lastReadMessageIndex: 99 })).unreadMessagesCount).toBe(0);
});
