import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Service-Scoped Participant Resource page: add by SMS and chat, fetch, list, update, delete", async () => {
  const account = fixture.current;
  const service = account.client.conversations.v1.services(account.emulator.chatServiceSid);
  const { sid } = await service.conversations.create();
  const conversation = service.conversations(sid);
  const bySms = await conversation.participants.create({
    "messagingBinding.address": "+15558675310",
    "messagingBinding.proxyAddress": account.emulator.smsNumber,
  });
  expect(bySms).toMatchObject({ chatServiceSid: account.emulator.chatServiceSid, conversationSid: sid });
  const byChat = await conversation.participants.create({ identity: "alice" });
  expect((await conversation.participants("alice").fetch()).sid).toBe(byChat.sid);
  expect(await conversation.participants.list({ limit: 20 })).toHaveLength(2);
  const read = await conversation.participants(byChat.sid).update({ lastReadMessageIndex: 3 });
  expect(read.lastReadMessageIndex).toBe(3);
  await conversation.participants(bySms.sid).remove();
  expect(await rejection(conversation.participants(bySms.sid).fetch())).toBe("404/20404");
});

it("A proxy address can be taken away and given; a projected address can get an identity", async () => {
  const account = fixture.current;
  const conversation = await account.conversation();
  const person = await conversation.participants.create({
    "messagingBinding.address": "+15558675310",
    "messagingBinding.proxyAddress": account.emulator.smsNumber,
  });
  const update = (sid: string, changes: Record<string, string>) =>
    conversation.participants(sid).update(changes as { identity: string });
  const proxy = account.emulator.smsNumber;
  expect(await rejection(update(person.sid, { "messagingBinding.proxyAddress": proxy }))).toBe("400/50441");
  const alone = await update(person.sid, { "messagingBinding.proxyAddress": "null" });
  expect(alone.messagingBinding).toEqual({ type: "sms", address: "+15558675310" });
  expect(await rejection(update(person.sid, { "messagingBinding.proxyAddress": "null" }))).toBe("400/50440");
  const back = await update(person.sid, { "messagingBinding.proxyAddress": proxy });
  expect(back.messagingBinding).toMatchObject({ proxy_address: proxy });

  await conversation.participants(person.sid).remove();
  await account.control("POST", "/numbers", { address: "+15017122662" });
  const gateway = await conversation.participants.create({
    "messagingBinding.projectedAddress": "+15017122662",
  });
  const agent = await update(gateway.sid, { identity: "agent1" });
  expect(agent).toMatchObject({ identity: "agent1" });
  expect(await rejection(update(gateway.sid, { identity: "agent2" }))).toBe("400/50444");
  expect(await rejection(update(gateway.sid, { "messagingBinding.projectedAddress": proxy }))).toBe(
    "400/50443",
  );
  const chat = await update(gateway.sid, { "messagingBinding.projectedAddress": "null" });
  expect(chat.messagingBinding).toBeNull();
  expect(await rejection(update(gateway.sid, { "messagingBinding.projectedAddress": "null" }))).toBe(
    "400/50442",
  );
});
