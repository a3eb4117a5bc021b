import { expect, it } from "vitest";
import { useBench } from "../support/emulator.ts";

const bench = useBench();

it("The Service-Scoped Delivery Receipt Resource page: list and fetch, one for each recipient", async () => {
  const b = bench.current;
  const service = b.client.conversations.v1.services(b.emulator.chatServiceSid);
  const { sid } = await service.conversations.create();
  const conversation = service.conversations(sid);
  for (const address of ["+15558675310", "+15558675311"]) {
    await conversation.participants.create({
      "messagingBinding.address": address,
      "messagingBinding.proxyAddress": b.emulator.smsNumber,
    });
  }
  const message = await conversation.messages.create({ body: "Hello both" });
  await b.emulator.settle();
  const receipts = await conversation.messages(message.sid).deliveryReceipts.list({ pageSize: 1 });
  expect(receipts.map(({ status }) => status)).toEqual(["delivered", "delivered"]);
  const [{ sid: receiptSid } = { sid: "" }] = receipts;
  const fetched = await conversation.messages(message.sid).deliveryReceipts(receiptSid).fetch();
  expect(fetched).toMatchObject({ chatServiceSid: b.emulator.chatServiceSid, messageSid: message.sid });
});
