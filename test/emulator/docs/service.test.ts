import { expect, it } from "vitest";
import { refusal, useBench } from "../support/emulator.ts";

const bench = useBench();

it("The Conversation Service Resource page: create, fetch, list, delete", async () => {
  const b = bench.current;
  const { services } = b.client.conversations.v1;
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
  expect(sids).toEqual([b.emulator.chatServiceSid, service.sid]);
  await services(service.sid).remove();
  expect(await refusal(services(service.sid).fetch())).toBe("404/20404");
  expect(await refusal(services(b.emulator.chatServiceSid).remove())).toBe("400/20422");
});

it("Services know nothing of each other, and one that goes takes everything along", async () => {
  const b = bench.current;
  const { services } = b.client.conversations.v1;
  const { sid } = await services.create({ friendlyName: "Another" });
  const inside = await services(sid).conversations.create({ uniqueName: "same" });
  await b.conversations.create({ uniqueName: "same" });
  expect(await refusal(b.conversations(inside.sid).fetch())).toBe("404/20404");
  const person = {
    "messagingBinding.address": "+15558675310",
    "messagingBinding.proxyAddress": b.emulator.smsNumber,
  };
  await services(sid).conversations(inside.sid).participants.create(person);
  expect(await refusal(b.conversations("same").participants.create(person))).toBe("409/50416");
  await services(sid).remove();
  await b.conversations("same").participants.create(person);
});
