import { describe, expect, it } from "vitest";
import { type TestAccount, useAccount } from "../support/emulator.ts";

const fixture = useAccount({ sandbox: true });
const person = "whatsapp:+15558675310";

/** Adds the person to a conversation. The result sends them a message and returns its outcome. */
async function conversationWith(account: TestAccount) {
  const conversation = await account.conversation();
  await conversation.participants.create({
    "messagingBinding.address": person,
    "messagingBinding.proxyAddress": account.emulator.whatsappNumber,
  });
  return async () => {
    const { sid } = await conversation.messages.create({ body: "Hi" });
    await account.emulator.settle();
    const [receipt] = await conversation.messages(sid).deliveryReceipts.list();
    return [receipt?.status, receipt?.errorCode];
  };
}

/** Twilio's page "Get started with the WhatsApp sandbox". */
describe("WhatsApp's sandbox", () => {
  it("admits people for three days when they send its code, and removes them when they send stop", async () => {
    const account = fixture.current;
    const { whatsappNumber } = account.emulator;
    const send = await conversationWith(account);
    expect(await send()).toEqual(["failed", 63015]);
    expect(await account.send(person, whatsappNumber, "Hello?")).toMatchObject({ routed: false });
    expect(await account.send(person, whatsappNumber, "join another-code")).toMatchObject({ routed: false });
    expect(await send()).toEqual(["failed", 63015]);

    expect(await account.send(person, whatsappNumber, "Join emulator-sandbox")).toMatchObject({
      routed: false,
    });
    expect((await account.inbox(person)).at(-1)).toMatchObject({ body: expect.stringContaining("all set") });
    expect(await send()).toEqual(["delivered", 0]);
    expect(await account.send(person, whatsappNumber, "Hello")).toMatchObject({ routed: true });

    await account.send(person, whatsappNumber, "stop");
    expect(await send()).toEqual(["failed", 63015]);

    await account.send(person, whatsappNumber, "join emulator-sandbox");
    await account.emulator.advance(3 * 24 * 60 * 60 * 1000);
    expect(await send()).toEqual(["failed", 63015]);
  });

  it("applies to that sender only, and only while the rule is enabled", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    await account.control("POST", "/numbers", { address: "whatsapp:+15017250604" });
    await conversation.participants.create({
      "messagingBinding.address": person,
      "messagingBinding.proxyAddress": "whatsapp:+15017250604",
    });
    expect(await account.send(person, "whatsapp:+15017250604", "Hello")).toMatchObject({ routed: true });
    const send = await conversationWith(account);
    expect(await send()).toEqual(["failed", 63015]);
    expect((await account.control("POST", "/rules", { sandbox: false })).body).toMatchObject({
      sandbox: false,
    });
    await account.send(person, account.emulator.whatsappNumber, "Hello");
    expect(await send()).toEqual(["delivered", 0]);
  });
});
