import { expect, it } from "vitest";
import { refusal, useBench } from "../support/emulator.ts";

const bench = useBench();

it("The Chat Channel Migration Resource page: a channel becomes private, with a messaging service", async () => {
  const b = bench.current;
  const { sid } = await b.conversations.create({ friendlyName: "Old channel" });
  await b.conversations(sid).participants.create({ identity: "alice" });
  await b.conversations(sid).messages.create({ body: "Hi" });
  const { sid: messagingServiceSid } = await b.client.messaging.v1.services.create({
    friendlyName: "Numbers",
  });

  const channel = await b.client.chat.v3
    .channels(b.emulator.chatServiceSid, sid)
    .update({ messagingServiceSid, type: "private" });
  expect(channel).toMatchObject({
    sid,
    serviceSid: b.emulator.chatServiceSid,
    messagingServiceSid,
    friendlyName: "Old channel",
    type: "private",
    createdBy: "system",
    membersCount: 1,
    messagesCount: 1,
  });
  const toPublic = b.client.chat.v3.channels(b.emulator.chatServiceSid, sid).update({ type: "public" });
  expect(await refusal(toPublic)).toBe("400/50393");
});
