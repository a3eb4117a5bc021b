import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Service Configuration Resource page: fetch, update, and the roles that newcomers get", async () => {
  const account = fixture.current;
  const service = account.client.conversations.v1.services(account.emulator.chatServiceSid);
  const before = await service.configuration().fetch();
  expect(before).toMatchObject({
    chatServiceSid: account.emulator.chatServiceSid,
    reachabilityEnabled: false,
  });

  const type = "conversation";
  const guest = await service.roles.create({ friendlyName: "guest", type, permission: ["sendMessage"] });
  const changes = { defaultConversationRoleSid: guest.sid, reachabilityEnabled: true };
  expect(await service.configuration().update(changes)).toMatchObject({
    ...changes,
    defaultChatServiceRoleSid: before.defaultChatServiceRoleSid,
  });
  const conversation = await account.conversation();
  expect((await conversation.participants.create({ identity: "alice" })).roleSid).toBe(guest.sid);
  expect(await rejection(service.roles(guest.sid).remove())).toBe("409/20409");

  const wrong = { defaultChatServiceRoleSid: guest.sid };
  expect(await rejection(service.configuration().update(wrong))).toBe("404/50102");
});
