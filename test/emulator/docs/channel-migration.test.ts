import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

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
  expect(await rejection(toPublic)).toBe("400/50393");
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
  expect(await rejection(account.conversations(sid).fetch())).toBe("404/20404");
  const channel = account.client.chat.v3.channels(account.emulator.chatServiceSid, sid);
  expect(await rejection(channel.update({ type: "public" }))).toBe("400/50393");
  expect(await channel.update({ type: "private" })).toMatchObject({ sid, membersCount: 2, messagesCount: 1 });
  const conversation = account.conversations("support");
  expect(await conversation.fetch()).toMatchObject({ sid, friendlyName: "Support", state: "active" });
  expect((await conversation.messages.list()).map(({ author, body }) => ({ author, body }))).toEqual(
    messages,
  );
  const wrong = await account.control("POST", "/channels", { members: "alice" });
  expect(wrong).toMatchObject({ status: 400, body: { field: "members" } });
  for (const [change, code] of [
    [{ uniqueName: "support" }, 50353],
    [{ members: ["system"] }, 50203],
    [{ attributes: "{" }, 50304],
  ] as const) {
    const { status, body } = await account.control("POST", "/channels", change);
    expect({ change, refused: status >= 400, code: body.code }).toEqual({ change, refused: true, code });
  }
});

it("A channel whose unique name was taken meanwhile stays a channel", async () => {
  const account = fixture.current;
  const { body } = await account.control("POST", "/channels", { uniqueName: "support" });
  const { sid } = await account.conversations.create({ uniqueName: "support" });
  const channel = account.client.chat.v3.channels(account.emulator.chatServiceSid, String(body.sid));
  expect(await rejection(channel.update({ type: "private" }))).toBe("409/50353");
  await account.conversations(sid).remove();
  expect(await channel.update({ type: "private" })).toMatchObject({ sid: body.sid, uniqueName: "support" });
});
