import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Role Resource page: create, fetch, list, update, delete", async () => {
  const { roles } = fixture.current.client.conversations.v1;
  const role = await roles.create({
    friendlyName: "FriendlyName",
    permission: ["addParticipant"],
    type: "conversation",
  });
  expect(role).toMatchObject({
    friendlyName: "FriendlyName",
    type: "conversation",
    permissions: ["addParticipant"],
  });
  expect((await roles(role.sid).fetch()).sid).toBe(role.sid);
  const names = (await roles.list({ limit: 20 })).map(({ friendlyName }) => friendlyName);
  expect(names).toEqual(["service admin", "service user", "channel admin", "channel user", "FriendlyName"]);

  const { permissions } = await roles(role.sid).update({ permission: ["sendMessage", "leaveConversation"] });
  expect(permissions).toEqual(["sendMessage", "leaveConversation"]);
  await roles(role.sid).remove();
  expect(await rejection(roles(role.sid).fetch())).toBe("404/20404");
});

it("Permission values go by the type of the role; a role that somebody has stays", async () => {
  const account = fixture.current;
  const { roles, users } = account.client.conversations.v1;
  const create = (type: string, ...permission: string[]) =>
    roles.create({ friendlyName: "x", type: type as "service", permission });
  expect(await rejection(create("service", "sendMessage"))).toBe("404/50104");
  expect(await rejection(create("conversation", "createConversation"))).toBe("404/50104");
  expect(await rejection(create("conversation", "fly"))).toBe("404/50104");
  expect(await rejection(create("channel", "sendMessage"))).toBe("400/50105");

  const { sid: roleSid } = await create("SERVICE", "editOwnUserInfo", "createConversation");
  const user = await users.create({ identity: "alice", roleSid });
  expect(await rejection(roles(roleSid).remove())).toBe("409/20409");
  await users(user.sid).remove();
  await roles(roleSid).remove();

  const conversation = await account.conversation();
  expect(await rejection(conversation.participants.create({ identity: "bob", roleSid }))).toBe("404/50100");
});
