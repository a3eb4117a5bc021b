import { expect, it } from "vitest";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Service-Scoped Delivery Receipt Resource page: list and fetch, one for each recipient", async () => {
  const account = fixture.current;
  const service = account.client.conversations.v1.services(account.emulator.chatServiceSid);
  const { sid } = await service.conversations.create();
  const conversation = service.conversations(sid);
  for (const address of ["+15558675310", "+15558675311"]) {
    await conversation.participants.create({
      "messagingBinding.address": address,
      "messagingBinding.proxyAddress": account.emulator.smsNumber,
    });
  }
  const message = await conversation.messages.create({ body: "Hello both" });
  await account.emulator.settle();
  const receipts = await conversation.messages(message.sid).deliveryReceipts.list({ pageSize: 1 });
  expect(receipts.map(({ status }) => status)).toEqual(["delivered", "delivered"]);
  const [{ sid: receiptSid } = { sid: "" }] = receipts;
  const fetched = await conversation.messages(message.sid).deliveryReceipts(receiptSid).fetch();
  expect(fetched).toMatchObject({ chatServiceSid: account.emulator.chatServiceSid, messageSid: message.sid });
});
