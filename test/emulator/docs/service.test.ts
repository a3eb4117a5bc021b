import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Conversation Service Resource page: create, fetch, list, delete", async () => {
  const account = fixture.current;
  const { services } = account.client.conversations.v1;
  const service = await services.create({ friendlyName: "FriendlyName" });
  expect(service.friendlyName).toBe("FriendlyName");
  expect(Object.keys(service.links)).toEqual([
    "conversations",
    "users",
    "roles",
    "bindings",
    "configuration",
    "participant_conversations",
    "conversation_with_participants",
  ]);
  expect((await services(service.sid).fetch()).sid).toBe(service.sid);
  const sids = (await services.list({ limit: 20 })).map(({ sid }) => sid);
  expect(sids).toEqual([account.emulator.chatServiceSid, service.sid]);
  await services(service.sid).remove();
  expect(await rejection(services(service.sid).fetch())).toBe("404/20404");
  expect(await rejection(services(account.emulator.chatServiceSid).remove())).toBe("400/20422");
});

it("Services know nothing of each other, and one that goes takes everything along", async () => {
  const account = fixture.current;
  const { services } = account.client.conversations.v1;
  const { sid } = await services.create({ friendlyName: "Another" });
  const inside = await services(sid).conversations.create({ uniqueName: "same" });
  await account.conversations.create({ uniqueName: "same" });
  expect(await rejection(account.conversations(inside.sid).fetch())).toBe("404/20404");
  const person = {
    "messagingBinding.address": "+15558675310",
    "messagingBinding.proxyAddress": account.emulator.smsNumber,
  };
  await services(sid).conversations(inside.sid).participants.create(person);
  expect(await rejection(account.conversations("same").participants.create(person))).toBe("409/50416");
  await services(sid).remove();
  await account.conversations("same").participants.create(person);
});
