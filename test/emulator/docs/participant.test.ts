import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Conversation Participant Resource page: add by SMS and chat, fetch by SID and identity, update, delete", async () => {
  const account = fixture.current;
  const { sid } = await account.conversations.create();
  const { participants } = account.conversations(sid);
  const participantOf = (name: string) => account.conversations(sid).participants(name);

  const bySms = await participants.create({
    "messagingBinding.address": "+15558675310",
    "messagingBinding.proxyAddress": account.emulator.smsNumber,
  });
  expect(bySms).toMatchObject({
    identity: null,
    messagingBinding: { type: "sms", address: "+15558675310", proxy_address: account.emulator.smsNumber },
    roleSid: expect.stringMatching(/^RL/),
  });
  const byChat = await participants.create({ identity: "alice" });
  expect(byChat).toMatchObject({ identity: "alice", messagingBinding: null });

  expect((await participantOf(bySms.sid).fetch()).sid).toBe(bySms.sid);
  expect((await participantOf("alice").fetch()).sid).toBe(byChat.sid);
  expect((await participants.list({ limit: 20 })).map((p) => p.sid)).toEqual([bySms.sid, byChat.sid]);

  const dateUpdated = new Date("2019-05-15T13:37:35Z");
  expect((await participantOf(bySms.sid).update({ dateUpdated })).dateUpdated).toEqual(dateUpdated);
  const attributes = JSON.stringify({ role: "driver" });
  expect((await participantOf(byChat.sid).update({ attributes })).attributes).toBe(attributes);

  await participantOf(bySms.sid).remove();
  expect(await rejection(participantOf(bySms.sid).fetch())).toBe("404/20404");
});

it("The same person can be in any number of conversations, as long as the proxy address is another one", async () => {
  const account = fixture.current;
  const [first, second] = [await account.conversation(), await account.conversation()];
  const other = "+15017122662";
  await account.control("POST", "/numbers", { address: other });
  const person = (proxy: string) => ({
    "messagingBinding.address": "+15558675310",
    "messagingBinding.proxyAddress": proxy,
  });
  await first.participants.create(person(account.emulator.smsNumber));
  expect(await rejection(second.participants.create(person(account.emulator.smsNumber)))).toBe("409/50416");
  await second.participants.create(person(other));
});
