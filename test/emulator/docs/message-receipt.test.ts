import { expect, it } from "vitest";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Conversation Message Receipt Resource page: fetch and list the receipts of a message", async () => {
  const account = fixture.current;
  const conversation = await account.conversation();
  const participant = await conversation.participants.create({
    "messagingBinding.address": "+15558675310",
    "messagingBinding.proxyAddress": account.emulator.smsNumber,
  });
  const message = await conversation.messages.create({ body: "Your car is here" });
  await account.emulator.settle();

  const { deliveryReceipts } = conversation.messages(message.sid);
  const [receipt] = await deliveryReceipts.list({ limit: 20 });
  expect(receipt).toMatchObject({
    messageSid: message.sid,
    participantSid: participant.sid,
    channelMessageSid: expect.stringMatching(/^SM/),
    status: "delivered",
    errorCode: 0,
  });
  const fetched = await conversation
    .messages(message.sid)
    .deliveryReceipts(receipt?.sid ?? "")
    .fetch();
  expect(fetched.status).toBe("delivered");
  const summary = {
    total: 1,
    sent: "all",
    delivered: "all",
    read: "none",
    failed: "none",
    undelivered: "none",
  };
  expect((await conversation.messages(message.sid).fetch()).delivery).toEqual(summary);
});
