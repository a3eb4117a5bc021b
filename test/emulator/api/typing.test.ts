import { expect, it } from "vitest";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const person = "+15558675310";

it("a typing indicator belongs to a message from WhatsApp", async () => {
  const account = fixture.current;
  const receiver = await account.receiver();
  const { whatsappNumber } = account.emulator;
  await account.control("POST", "/numbers", { address: whatsappNumber, smsUrl: receiver.url });
  await account.send(`whatsapp:${person}`, whatsappNumber, "Hello");
  const show = (messageId: string, channel = "whatsapp") =>
    account.rest(
      "POST",
      "/v2/Indicators/Typing.json",
      new URLSearchParams({ messageId, channel }).toString(),
    );
  const [sid = ""] = receiver.values("MessageSid");
  expect(await show(sid)).toMatchObject({ status: 200, body: { success: true } });
  expect(await show(sid, "sms")).toMatchObject({ status: 400 });
  expect(await show(`SM${"0".repeat(32)}`)).toMatchObject({ status: 400 });
});
