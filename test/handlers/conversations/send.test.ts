import { describe, expect, it } from "vitest";
import { conversationCalls } from "../../support/conversations.ts";
import { effectsOf, SEND_MESSAGE } from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { COURIER, CUSTOMER, useSystem } from "../../support/system.ts";
import { ALL_REJECTED, rejections } from "../../support/template-variables.ts";

describe.each(platforms)("conversations/send on $name", (platform) => {
  const system = useSystem(platform);
  const { call, create, conversation } = conversationCalls(system);

  it("sends text with an author and attributes", async () => {
    const sid = await create();
    const { status, body } = await call("send", {
      conversationSid: sid,
      body: "Hello",
      author: "alice",
      attributes: { mood: "good" },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: "sent", conversationSid: sid, index: 0 });
    const message = await conversation(sid).messages(String(body.messageSid)).fetch();
    expect(message).toMatchObject({ body: "Hello", author: "alice" });
    expect(JSON.parse(message.attributes)).toMatchObject({ mood: "good" });
  });

  it("sends a template with its variables to a person's phone", async () => {
    const contentSid = await system.current.account.template(
      { "twilio/text": { body: "Hi {{1}}" } },
      "approved",
    );
    const sid = await create();
    const { whatsappNumber } = system.current.account.emulator;
    await call("add-participant", {
      conversationSid: sid,
      address: CUSTOMER,
      proxyAddress: whatsappNumber,
    });
    await call("send", { conversationSid: sid, contentSid, contentVariables: { "1": "Robert" } });
    await system.current.account.emulator.settle();
    expect(await system.current.received(CUSTOMER)).toEqual(["Hi Robert"]);
  });

  it("reports which people do not receive the text of a message with a file", async () => {
    const { url, accountSid, authToken, chatServiceSid, smsNumber } = system.current.account.emulator;
    const sid = await create();
    await call("add-participant", {
      conversationSid: sid,
      address: "+15558675310",
      proxyAddress: smsNumber,
    });
    const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    const upload = async () => {
      const headers = { authorization, "content-type": "image/png" };
      const init = { method: "POST", headers, body: "a picture" };
      const response = await fetch(`${url}/v1/Services/${chatServiceSid}/Media`, init);
      return ((await response.json()) as { sid: string }).sid;
    };
    const alone = await call("send", { conversationSid: sid, mediaSid: await upload() });
    expect(alone.body).not.toHaveProperty("warning");
    const both = await call("send", { conversationSid: sid, mediaSid: await upload(), body: "Look" });
    expect(both.body.warning).toMatch(/^Participants on sms \(MB\w+\) do not get the text/);
  });

  it("sends once for one idempotency key", async () => {
    const sid = await create();
    const input = { conversationSid: sid, body: "Hello", idempotencyKey: "order-7" };
    const first = await call("send", input);
    const second = await call("send", input);
    expect(second).toMatchObject({
      status: 200,
      body: { status: "existing", messageSid: first.body.messageSid },
    });
    expect(await conversation(sid).messages.list()).toHaveLength(1);
  });

  it("sends once for one idempotency key, also for concurrent calls", async () => {
    const sid = await create();
    const input = { conversationSid: sid, body: "Hello", idempotencyKey: `order 7 / ${"ü".repeat(100)}` };
    const answers = await Promise.all([1, 2, 3].map(() => call("send", input)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    expect(new Set(answers.map(({ body }) => body.messageSid)).size).toBe(1);
    expect(await conversation(sid).messages.list()).toHaveLength(1);
    expect(await system.current.account.conversations.list()).toHaveLength(1);
  });

  it.each(effectsOf(SEND_MESSAGE))(
    "sends once, with or without a key, despite a fault (%j)",
    async (effect) => {
      for (const key of [{}, { idempotencyKey: "order-7" }]) {
        const sid = await create();
        await system.current.injectOnce(SEND_MESSAGE, effect);
        expect((await call("send", { conversationSid: sid, body: "Hello", ...key })).status).toBe(201);
        expect(await conversation(sid).messages.list()).toHaveLength(1);
      }
    },
  );

  it("reports which people do not receive a text that is too long for their channel", async () => {
    const sid = await create();
    const { smsNumber, whatsappNumber } = system.current.account.emulator;
    const long = { conversationSid: sid, body: "x".repeat(1601) };
    await call("add-participant", { conversationSid: sid, identity: "alice" });
    expect((await call("send", long)).body).not.toHaveProperty("warning");
    await call("add-participant", {
      conversationSid: sid,
      address: "+15558675310",
      proxyAddress: smsNumber,
    });
    await call("add-participant", { conversationSid: sid, address: COURIER, proxyAddress: whatsappNumber });
    expect((await call("send", long)).body.warning).toContain("sms and whatsapp");
    expect((await call("send", { ...long, body: "short" })).body).not.toHaveProperty("warning");
  });

  it("counts a chat user with a projected address among the recipients", async () => {
    const { conversations, emulator } = system.current.account;
    const { sid } = await conversations.create();
    await conversation(sid).participants.create({
      identity: "alice",
      "messagingBinding.projectedAddress": emulator.smsNumber,
    });
    const anna = await conversation(sid).participants.create({
      "messagingBinding.address": "+15558675310",
    });
    const long = { conversationSid: sid, body: "x".repeat(1601), author: "alice" };
    expect((await call("send", long)).body.warning).toContain(`(${anna.sid})`);
  });

  it("rejects variables of a template that WhatsApp rejects", async () => {
    const sid = await create();
    const results = await rejections(system.current, (contentSid, contentVariables) =>
      call("send", { conversationSid: sid, contentSid, contentVariables }),
    );
    expect(results).toEqual(ALL_REJECTED);
    expect(await conversation(sid).messages.list()).toEqual([]);
  });

  it.each([
    [{}, "body"],
    [{ body: "x", contentSid: `HX${"0".repeat(32)}` }, "contentSid"],
    [{ body: "x", contentVariables: { "1": "x" } }, "contentVariables"],
    [{ contentSid: `HX${"0".repeat(32)}` }, "contentSid"],
    [{ body: "x".repeat(32_769) }, "body"],
    [{ mediaSid: "ME1" }, "mediaSid"],
    [{ body: "x", attributes: ["a list"] }, "attributes"],
    [{ contentSid: `HX${"0".repeat(32)}`, contentVariables: ["a list"] }, "contentVariables"],
  ])("names the invalid field", async (input, field) => {
    const sid = await create();
    expect(await call("send", { conversationSid: sid, ...input })).toMatchObject({
      status: 400,
      body: { field },
    });
    expect(await conversation(sid).messages.list()).toEqual([]);
  });
});
