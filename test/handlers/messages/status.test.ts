import { describe, expect, it } from "vitest";
import { setPhone } from "../../emulator/support/outbound.ts";
import { platforms } from "../../support/platforms.ts";
import { CUSTOMER, useSystem } from "../../support/system.ts";

const TEXTER = "+15558675312";

describe.each(platforms)("messages/status on $name", (platform) => {
  const system = useSystem(platform);
  const ask = (conversationSid: string, messageSid: string) =>
    system.current.call(
      "/messages/status",
      { conversationSid, messageSid },
      { sub: "service", scope: "conversations:read" },
    );

  /** A conversation with people on SMS and WhatsApp, and a message in it. */
  async function write() {
    const { account } = system.current;
    const { smsNumber, whatsappNumber } = account.emulator;
    await system.current.send(CUSTOMER, "Hello");
    const { sid } = await account.conversations.create();
    const { participants, messages } = account.conversations(sid);
    for (const [address, proxy] of [
      [TEXTER, smsNumber],
      [CUSTOMER, whatsappNumber],
    ] as const)
      await participants.create({
        "messagingBinding.address": address,
        "messagingBinding.proxyAddress": proxy,
      });
    const message = await messages.create({ body: "On its way" });
    await system.current.settle();
    return { sid, messageSid: message.sid };
  }

  it("is none for a message without a recipient outside of chat", async () => {
    const { sid } = await system.current.account.conversations.create();
    const message = await system.current.account.conversations(sid).messages.create({ body: "Hi" });
    expect((await ask(sid, message.sid)).body).toMatchObject({ status: "none", total: 0, failure: null });
  });

  it("is the least advanced status of all recipients", async () => {
    const { account } = system.current;
    await setPhone(account, CUSTOMER, "off");
    const { sid, messageSid } = await write();
    expect((await ask(sid, messageSid)).body).toMatchObject({ status: "sent", total: 2, delivered: 1 });
    await setPhone(account, CUSTOMER, "on");
    await account.control("POST", `/phones/${encodeURIComponent(CUSTOMER)}/read`);
    await system.current.settle();
    const { body } = await ask(sid, messageSid);
    expect(body).toMatchObject({ status: "delivered", total: 2, delivered: 2, read: 1, failed: 0 });
    expect(
      JSON.parse(String(body.receipts))
        .map(({ status }: { status: string }) => status)
        .sort(),
    ).toEqual(["delivered", "read"]);
  });

  it("returns the first failure and its kind", async () => {
    const { account } = system.current;
    await setPhone(account, TEXTER, "unknown");
    const { sid, messageSid } = await write();
    const failure = { failed: 1, errorCode: 30005, failure: "unreachable" };
    expect((await ask(sid, messageSid)).body).toMatchObject({ status: "partly", ...failure });
    await account.emulator.advance(25 * 60 * 60 * 1_000);
    const late = await account.conversations(sid).messages.create({ body: "Still there?" });
    await system.current.settle();
    expect((await ask(sid, late.sid)).body).toMatchObject({ status: "failed", failed: 2 });
  });

  it("answers 404 for an unknown message", async () => {
    const { sid } = await system.current.account.conversations.create();
    expect(await ask(sid, `IM${"0".repeat(32)}`)).toMatchObject({
      status: 404,
      body: { code: "not_found", field: "messageSid" },
    });
  });
});
