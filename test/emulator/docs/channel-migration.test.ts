import { expect, it } from "vitest";
import { refusal, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Chat Channel Migration Resource page: a channel becomes private, with a messaging service", async () => {
  const account = fixture.current;
  const { sid } = await account.conversations.create({ friendlyName: "Old channel" });
  await account.conversations(sid).participants.create({ identity: "alice" });
  await account.conversations(sid).messages.create({ body: "Hi" });
  const { sid: messagingServiceSid } = await account.client.messaging.v1.services.create({
    friendlyName: "Numbers",
  });

  const channel = await account.client.chat.v3
    .channels(account.emulator.chatServiceSid, sid)
    .update({ messagingServiceSid, type: "private" });
  expect(channel).toMatchObject({
    sid,
    serviceSid: account.emulator.chatServiceSid,
    messagingServiceSid,
    friendlyName: "Old channel",
    type: "private",
    createdBy: "system",
    membersCount: 1,
    messagesCount: 1,
  });
  const toPublic = account.client.chat.v3
    .channels(account.emulator.chatServiceSid, sid)
    .update({ type: "public" });
  expect(await refusal(toPublic)).toBe("400/50393");
});

it("A public channel is no conversation before its migration, and then has its members and messages", async () => {
  const account = fixture.current;
  const messages = [{ author: "alice", body: "Hi" }];
  const { status, body } = await account.control("POST", "/channels", {
    friendlyName: "Support",
    uniqueName: "support",
    members: ["alice", "bob"],
    messages,
  });
  expect({ status, type: body.type }).toEqual({ status: 201, type: "public" });
  const sid = String(body.sid);
  expect(await refusal(account.conversations(sid).fetch())).toBe("404/20404");
  const channel = account.client.chat.v3.channels(account.emulator.chatServiceSid, sid);
  expect(await refusal(channel.update({ type: "public" }))).toBe("400/50393");
  expect(await channel.update({ type: "private" })).toMatchObject({ sid, membersCount: 2, messagesCount: 1 });
  const conversation = account.conversations("support");
  expect(await conversation.fetch()).toMatchObject({ sid, friendlyName: "Support", state: "active" });
  expect((await conversation.messages.list()).map(({ author, body }) => ({ author, body }))).toEqual(
    messages,
  );
  const wrong = await account.control("POST", "/channels", { members: "alice" });
  expect(wrong).toMatchObject({ status: 400, body: { field: "members" } });
});
