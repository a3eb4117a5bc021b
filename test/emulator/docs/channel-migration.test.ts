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
