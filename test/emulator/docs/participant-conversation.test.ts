import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Participant Conversation Resource page: by identity or by address, in the order of SIDs", async () => {
  const account = fixture.current;
  const { participantConversations } = account.client.conversations.v1;
  const sids: string[] = [];
  for (let i = 0; i < 5; i += 1) {
    const { sid } = await account.conversations.create({ uniqueName: `n${i}` });
    sids.push(sid);
    await account.conversations(sid).participants.create({ identity: "alice" });
  }
  const byIdentity = await participantConversations.list({ identity: "alice", pageSize: 2 });
  expect(byIdentity.map(({ conversationSid }) => conversationSid)).toEqual(sids.toSorted());
  expect(byIdentity[0]).toMatchObject({
    participantIdentity: "alice",
    participantMessagingBinding: null,
    participantUserSid: expect.stringMatching(/^US/),
    conversationState: "active",
    conversationCreatedBy: "system",
  });

  const conversation = account.conversations(sids[0] ?? "");
  await conversation.participants.create({
    "messagingBinding.address": "+375255555555",
    "messagingBinding.proxyAddress": account.emulator.smsNumber,
  });
  await conversation.update({ state: "closed" });
  const [byAddress, ...others] = await participantConversations.list({ address: "+375255555555", limit: 20 });
  expect(others).toEqual([]);
  expect(byAddress).toMatchObject({
    conversationSid: sids[0],
    conversationState: "closed",
    participantIdentity: null,
    participantUserSid: null,
    participantMessagingBinding: {
      type: "sms",
      address: "+375255555555",
      proxy_address: account.emulator.smsNumber,
      level: null,
      name: null,
      projected_address: null,
    },
  });
  expect(await participantConversations.list({ address: "+375255555556" })).toEqual([]);
  expect(await rejection(participantConversations.list({ identity: "a", address: "+1" }))).toBe("400/50451");
});
