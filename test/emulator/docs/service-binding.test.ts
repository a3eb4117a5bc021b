import { expect, it } from "vitest";
import { defaultService, notify, registerDevice } from "../support/devices.ts";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Service Binding Resource page: there are none until a device registers through an SDK", async () => {
  const account = fixture.current;
  const service = defaultService(account);
  expect(await service.bindings.list({ limit: 20 })).toEqual([]);
  expect(await service.bindings.list({ bindingType: ["apn", "fcm"], identity: ["alice"] })).toEqual([]);
  const unknown = service.bindings.list({ bindingType: ["pigeon" as "apn"] });
  expect(await rejection(unknown)).toBe("400/50209");
  const sid = `BS${"a".repeat(32)}`;
  expect(await rejection(service.bindings(sid).fetch())).toBe("404/20404");
  expect(await rejection(service.bindings(sid).remove())).toBe("404/20404");
});

it("The Service Binding Resource page: read multiple, fetch, delete", async () => {
  const account = fixture.current;
  const { bindings } = defaultService(account);
  const alice = await registerDevice(account, "alice", "apn");
  const bob = await registerDevice(account, "bob", "fcm", { messageTypes: ["new_message"] });
  expect(await bindings(alice.sid).fetch()).toMatchObject({
    identity: "alice",
    bindingType: "apn",
    endpoint: "alice-endpoint",
    credentialSid: alice.credentialSid,
    messageTypes: ["removed_from_conversation", "new_message", "added_to_conversation"],
  });
  const sids = async (params: Parameters<typeof bindings.list>[0]) =>
    (await bindings.list(params)).map(({ sid }) => sid);
  expect(await sids({ limit: 20 })).toEqual([alice.sid, bob.sid]);
  expect(await sids({ bindingType: ["fcm", "gcm"] })).toEqual([bob.sid]);
  expect(await sids({ identity: ["alice"] })).toEqual([alice.sid]);
  expect((await bindings(bob.sid).fetch()).messageTypes).toEqual(["new_message"]);

  await bindings(alice.sid).remove();
  expect(await rejection(bindings(alice.sid).fetch())).toBe("404/20404");
  await account.client.conversations.v1.users("bob").remove();
  expect(await sids({})).toEqual([]);
});

it("A device that is neither registered again nor notified for a year is removed (Best Practices)", async () => {
  const account = fixture.current;
  const day = 24 * 60 * 60 * 1000;
  await notify(account, { "newMessage.enabled": true });
  const conversation = await account.conversation();
  for (const identity of ["idle", "notified", "registered"]) {
    await registerDevice(account, identity, "fcm");
    if (identity === "notified") await conversation.participants.create({ identity });
  }
  await account.emulator.advance(364 * day);
  await conversation.messages.create({ author: "somebody", body: "Hi" });
  await registerDevice(account, "registered", "fcm");
  await account.emulator.advance(day - 1);
  const { bindings } = defaultService(account);
  const identities = async () => (await bindings.list()).map(({ identity }) => identity);
  expect(await identities()).toEqual(["idle", "notified", "registered"]);
  await account.emulator.advance(1);
  expect(await identities()).toEqual(["notified", "registered"]);
  await account.emulator.advance(364 * day);
  expect(await identities()).toEqual([]);
});
