import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Service-Scoped Message Resource page: create, fetch, list, update, delete", async () => {
  const account = fixture.current;
  const service = account.client.conversations.v1.services(account.emulator.chatServiceSid);
  const { sid } = await service.conversations.create();
  const conversation = service.conversations(sid);
  await conversation.participants.create({ identity: "smee" });
  const message = await conversation.messages.create({
    author: "smee",
    body: "Ahoy there!",
    attributes: '{"importance":"high"}',
    subject: "Greetings",
  });
  expect(message).toMatchObject({
    chatServiceSid: account.emulator.chatServiceSid,
    author: "smee",
    participantSid: expect.stringMatching(/^MB/),
    attributes: '{"importance":"high"}',
  });
  expect(message.links).toEqual({
    delivery_receipts: `${message.url}/Receipts`,
    channel_metadata: `${message.url}/ChannelMetadata`,
  });
  expect((await conversation.messages(message.sid).fetch()).sid).toBe(message.sid);
  expect(await conversation.messages.list({ limit: 20 })).toHaveLength(1);
  expect((await conversation.messages(message.sid).update({ body: "Ahoy!" })).body).toBe("Ahoy!");
  const metadata = new URL(`${message.url}/ChannelMetadata`).pathname;
  expect((await account.rest("GET", metadata)).body).toMatchObject({ status: 404, code: 50530 });
  await conversation.messages(message.sid).remove();
  expect(await rejection(conversation.messages(message.sid).fetch())).toBe("404/20404");
});
