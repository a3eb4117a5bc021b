import { expect, it } from "vitest";
import { withWebhooks } from "../support/client.ts";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Conversations User Resource page: create, fetch, list, update, delete", async () => {
  const account = fixture.current;
  const { users, roles } = account.client.conversations.v1;
  const user = await users.create({ identity: "RedgrenGrumbholdt" });
  expect(user).toMatchObject({ identity: "RedgrenGrumbholdt", attributes: "{}", isOnline: null });

  expect((await users(user.sid).fetch()).identity).toBe("RedgrenGrumbholdt");
  expect((await users("RedgrenGrumbholdt").fetch()).sid).toBe(user.sid);
  expect((await users.list({ limit: 20 })).map(({ sid }) => sid)).toEqual([user.sid]);

  const admin = (await roles.list()).find(({ friendlyName }) => friendlyName === "service admin");
  const changes = { friendlyName: "new name", roleSid: admin?.sid ?? "" };
  expect(await users(user.sid).update(changes)).toMatchObject(changes);

  await users(user.sid).remove();
  expect(await rejection(users(user.sid).fetch())).toBe("404/20404");
});

it("The same page: an identity is unique and case-sensitive, and a role is one of the service", async () => {
  const { users, roles } = fixture.current.client.conversations.v1;
  const all = await roles.list();
  const [ofService, ofConversation] = ["service", "conversation"].map((type) =>
    all.find((role) => role.type === type),
  );
  const user = { friendlyName: "Ann", attributes: '{"a":1}', roleSid: ofService?.sid ?? "" };
  expect(await users.create({ identity: "ann", ...user })).toMatchObject(user);
  expect(await rejection(users.create({ identity: "ann" }))).toBe("409/50201");
  expect(await users.create({ identity: "Ann" })).toMatchObject({ identity: "Ann" });
  expect((await users.create({ identity: "ann/b?c#d&e:f" })).identity).toBe("ann/b?c#d&e:f");
  const roleSid = ofConversation?.sid ?? "";
  expect(await rejection(users.create({ identity: "bob", roleSid }))).toBe("404/50102");
  expect(await rejection(users("ann").update({ roleSid }))).toBe("404/50102");
});

it("The same page: webhooks only with the header, and a user for each chat participant, none on SMS", async () => {
  const account = fixture.current;
  const { users, configuration } = account.client.conversations.v1;
  const receiver = await account.receiver();
  await configuration.webhooks().update({ preWebhookUrl: receiver.url, postWebhookUrl: receiver.url });
  await users.create({ identity: "quiet" });
  await users.create({ identity: "loud", ...withWebhooks });
  await users("loud").update({ friendlyName: "Loud", ...withWebhooks });
  await account.emulator.settle();
  expect(receiver.values("EventType")).toEqual(["onUserAdded", "onUserUpdate", "onUserUpdated"]);

  const { participants } = await account.conversation();
  await participants.create({ identity: "chat" });
  await participants.create({
    "messagingBinding.address": "+15558675310",
    "messagingBinding.proxyAddress": account.emulator.smsNumber,
  });
  expect((await users.list()).map(({ identity }) => identity)).toEqual(["quiet", "loud", "chat"]);
});
