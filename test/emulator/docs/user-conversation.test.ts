import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The User Conversation Resource page: fetch, list, mark as read, mute, leave", async () => {
  const account = fixture.current;
  const { users } = account.client.conversations.v1;
  const { sid } = await account.conversations.create({ uniqueName: "support", friendlyName: "Support" });
  const participant = await account.conversations(sid).participants.create({ identity: "alice" });
  for (const body of ["one", "two", "three"]) await account.conversations(sid).messages.create({ body });

  const userConversation = users("alice").userConversations("support");
  expect(await userConversation.fetch()).toMatchObject({
    conversationSid: sid,
    participantSid: participant.sid,
    conversationState: "active",
    friendlyName: "Support",
    uniqueName: "support",
    createdBy: "system",
    notificationLevel: "default",
    lastReadMessageIndex: null,
    unreadMessagesCount: null,
  });
  const listed = await users("alice").userConversations.list({ limit: 20 });
  expect(listed.map(({ conversationSid }) => conversationSid)).toEqual([sid]);

  expect(await userConversation.update({ lastReadMessageIndex: 0 })).toMatchObject({
    lastReadMessageIndex: 0,
    unreadMessagesCount: 2,
  });
  expect((await userConversation.update({ notificationLevel: "muted" })).notificationLevel).toBe("muted");
  expect(await rejection(userConversation.update({ notificationLevel: "loud" as "muted" }))).toBe(
    "400/50210",
  );

  await userConversation.remove();
  expect(await rejection(userConversation.fetch())).toBe("404/20404");
  expect(await account.conversations(sid).participants.list()).toEqual([]);
});

it("Counts of unread messages end at 1000", async () => {
  const account = fixture.current;
  const { sid } = await account.conversations.create();
  await account.conversations(sid).participants.create({ identity: "alice" });
  for (let i = 0; i < 1002; i += 1) await account.rest("POST", `/v1/Conversations/${sid}/Messages`, "Body=x");
  const userConversation = account.client.conversations.v1.users("alice").userConversations(sid);
  expect((await userConversation.update({ lastReadMessageIndex: 0 })).unreadMessagesCount).toBe(1000);
  expect((await userConversation.update({ lastReadMessageIndex: 2 })).unreadMessagesCount).toBe(999);
});
