import { expect, it } from "vitest";
import { useBench } from "../support/emulator.ts";

const bench = useBench();

it("The Service-Scoped Conversation with Participants Resource page: it is made in the service, and all join", async () => {
  const b = bench.current;
  const { sid: serviceSid } = await b.client.conversations.v1.services.create({ friendlyName: "Another" });
  const service = b.client.conversations.v1.services(serviceSid);
  const created = await service.conversationWithParticipants.create({
    friendlyName: "Friendly Conversation",
    state: "inactive",
    participant: [
      `{"messaging_binding": {"address": "+15558675310", "proxy_address": "${b.emulator.smsNumber}"}}`,
      '{"identity": "alice", "attributes": "{\\"role\\":\\"driver\\"}"}',
    ],
  });
  expect(created).toMatchObject({ chatServiceSid: serviceSid, state: "initializing" });
  await b.emulator.settle();
  expect((await service.conversations(created.sid).fetch()).state).toBe("inactive");
  const participants = await service.conversations(created.sid).participants.list();
  expect(participants.map(({ attributes }) => attributes)).toEqual(["{}", '{"role":"driver"}']);
});
