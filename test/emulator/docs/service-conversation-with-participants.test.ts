import { expect, it } from "vitest";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Service-Scoped Conversation with Participants Resource page: it is made in the service, and all join", async () => {
  const account = fixture.current;
  const { sid: serviceSid } = await account.client.conversations.v1.services.create({
    friendlyName: "Another",
  });
  const service = account.client.conversations.v1.services(serviceSid);
  const created = await service.conversationWithParticipants.create({
    friendlyName: "Friendly Conversation",
    state: "inactive",
    participant: [
      `{"messaging_binding": {"address": "+15558675310", "proxy_address": "${account.emulator.smsNumber}"}}`,
      '{"identity": "alice", "attributes": "{\\"role\\":\\"driver\\"}"}',
    ],
  });
  expect(created).toMatchObject({ chatServiceSid: serviceSid, state: "initializing" });
  await account.emulator.settle();
  expect((await service.conversations(created.sid).fetch()).state).toBe("inactive");
  const participants = await service.conversations(created.sid).participants.list();
  expect(participants.map(({ attributes }) => attributes)).toEqual(["{}", '{"role":"driver"}']);
});
