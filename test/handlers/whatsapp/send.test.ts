import { describe, expect, it } from "vitest";
import {
  ADD_WEBHOOK,
  ANY_DELETION,
  ANY_REQUEST,
  EFFECTS,
  effectsOf,
  failed,
  SEND_MESSAGE,
} from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { COURIER, CUSTOMER, useSystem } from "../../support/system.ts";
import { ALL_REJECTED, rejections } from "../../support/template-variables.ts";
import { HOUR, RECEIPT_PATH, TEMPLATE, TEXT, whatsappSend } from "../../support/whatsapp-send.ts";

const MINUTE = 60_000;

describe.each(platforms)("whatsapp/send on $name", (platform) => {
  const system = useSystem(platform);
  const { conversation, converse, conversedAgo, template, send } = whatsappSend(system);
  const withoutTemplate = { contentSid: undefined, contentVariables: undefined };

  describe("inside the window", () => {
    it("sends the text, and removes its webhook when the receipt has arrived", async () => {
      const sid = await conversedAgo(HOUR);
      expect(await send(sid, { attributes: { order: 7 } })).toMatchObject({
        status: 201,
        body: { status: "sent", sent: "text", reason: "window_open", followUp: "waiting", index: 1 },
      });
      expect(await system.current.received(CUSTOMER)).toEqual([TEXT]);
      expect(await conversation(sid).webhooks.list()).toEqual([]);
      const outcomes = await system.current.outcomes(RECEIPT_PATH);
      expect(outcomes.map(({ status }) => status)).toEqual(["ignored", "settled"]);
      const [, message] = await conversation(sid).messages.list();
      expect(JSON.parse(message?.attributes ?? "{}")).toMatchObject({ order: 7 });
    });

    it.each(EFFECTS)("removes its webhook despite a fault (%j)", async (effect) => {
      for (const match of [{ path: `${ANY_REQUEST.path}/Receipts*` }, ANY_DELETION]) {
        const sid = await conversedAgo(HOUR);
        await system.current.injectOnce(match, effect);
        await send(sid);
        expect(await system.current.received(CUSTOMER)).toEqual([TEXT]);
        expect(await conversation(sid).webhooks.list()).toEqual([]);
      }
    });

    it("returns when the window closes", async () => {
      const sid = await conversedAgo(HOUR);
      const [inbound] = await conversation(sid).messages.list();
      const { body } = await send(sid);
      expect(Date.parse(String(body.windowClosesAt))).toBe((inbound?.dateCreated.getTime() ?? 0) + 24 * HOUR);
    });

    it("needs no template, and then adds no webhook", async () => {
      const sid = await conversedAgo(HOUR);
      expect((await send(sid, withoutTemplate)).body).toMatchObject({ sent: "text", followUp: "none" });
      expect((await system.current.requests()).filter((request) => request.includes("/Webhooks"))).toEqual(
        [],
      );
    });

    it("finds a person's newest open conversation by address", async () => {
      const sid = await conversedAgo(HOUR);
      const { body } = await send("", { conversationSid: undefined, address: "+1 555 867 5310" });
      expect(body).toMatchObject({ conversationSid: sid, sent: "text" });
    });

    it("finds the person's message before more than a page of others", async () => {
      const sid = await conversedAgo(HOUR);
      for (let count = 0; count < 105; count++) await conversation(sid).messages.create({ body: `${count}` });
      expect((await send(sid)).body).toMatchObject({ sent: "text", reason: "window_open" });
    });
  });

  describe("outside the window", () => {
    it("sends the template", async () => {
      const sid = await conversedAgo(25 * HOUR);
      expect(await send(sid)).toMatchObject({
        status: 201,
        body: { sent: "template", reason: "window_closed", windowClosesAt: null, followUp: "none" },
      });
      expect(await system.current.received(CUSTOMER)).toEqual([TEMPLATE]);
      expect(await conversation(sid).webhooks.list()).toEqual([]);
    });

    it("sends it to a person who has never written", async () => {
      const sid = await converse(CUSTOMER);
      expect((await send(sid)).body).toMatchObject({ sent: "template", reason: "window_closed" });
      expect(await system.current.received(CUSTOMER)).toEqual([TEMPLATE]);
    });

    it("rejects without a template", async () => {
      const sid = await conversedAgo(25 * HOUR);
      expect(await send(sid, withoutTemplate)).toMatchObject({
        status: 409,
        body: { code: "window_closed", field: "contentSid" },
      });
      expect(await conversation(sid).messages.list()).toHaveLength(1);
    });

    it("sends the template when the window is about to close, and the text where there is none", async () => {
      const sid = await conversedAgo(24 * HOUR - 3 * MINUTE);
      expect((await send(sid, withoutTemplate)).body).toMatchObject({
        sent: "text",
        reason: "window_closing",
      });
      expect((await send(sid)).body).toMatchObject({ sent: "template", reason: "window_closing" });
      expect(await system.current.received(CUSTOMER)).toEqual([TEXT, TEMPLATE]);
    });

    it("does not count a program's message in a person's name as theirs", async () => {
      const sid = await converse(CUSTOMER);
      await system.current.call("/conversations/send", {
        conversationSid: sid,
        body: "hi",
        author: CUSTOMER,
      });
      await conversation(sid).messages.create({
        author: CUSTOMER,
        contentSid: await template(),
        contentVariables: '{"1":"Robert"}',
      });
      expect((await send(sid)).body).toMatchObject({ sent: "template" });
    });
  });

  it("sends text only when all recipients have written; its author is no recipient", async () => {
    const sid = await converse(CUSTOMER, COURIER);
    await system.current.send(CUSTOMER, "Hello?");
    expect((await send(sid)).body).toMatchObject({ sent: "template" });
    expect((await send(sid, { author: COURIER })).body).toMatchObject({ sent: "text" });
    await system.current.send(COURIER, "Hello!");
    expect((await send(sid)).body).toMatchObject({ sent: "text" });
    expect(await system.current.received(CUSTOMER)).toEqual([TEMPLATE, TEXT, "Hello!", TEXT]);
    expect(await conversation(sid).webhooks.list()).toEqual([]);
  });

  describe("cannot add a webhook for the receipt", () => {
    const attach = (sid: string, url: string) =>
      conversation(sid).webhooks.create({
        target: "webhook",
        "configuration.url": url,
        "configuration.filters": ["onConversationUpdated"],
      });

    it("when the conversation has too many webhooks, and still sends the text", async () => {
      const log = system.current.logFromHere();
      const sid = await conversedAgo(HOUR);
      for (const name of ["a", "b", "c", "d"]) await attach(sid, `https://example.com/${name}`);
      expect((await send(sid)).body).toMatchObject({ sent: "text", followUp: "none" });
      expect(await conversation(sid).webhooks.list()).toHaveLength(4);
      await expect.poll(log).toContain("too_many_webhooks");
    });

    it("until it has removed webhooks whose receipts never arrived", async () => {
      await system.current.clear(Date.now() - HOUR);
      const sid = await converse(CUSTOMER);
      await system.current.send(CUSTOMER, "Where is it?");
      for (const name of ["a", "b", "c"]) await attach(sid, `https://example.com/${name}`);
      const stale = await attach(sid, `${system.current.url}${RECEIPT_PATH}`);
      expect((await send(sid)).body).toMatchObject({ sent: "text", followUp: "waiting" });
      const left = (await conversation(sid).webhooks.list()).map(({ sid }) => sid);
      expect(left).toHaveLength(3);
      expect(left).not.toContain(stale.sid);
    });

    it("when the template's variables do not fit into the webhook's URL", async () => {
      const sid = await conversedAgo(HOUR);
      const contentVariables = { 1: "x".repeat(256), 2: "y".repeat(200) };
      const contentSid = await system.current.account.template(
        { "twilio/text": { body: "{{1}} and {{2}}" } },
        "approved",
      );
      expect((await send(sid, { contentSid, contentVariables })).body).toMatchObject({
        sent: "text",
        followUp: "none",
      });
    });
  });

  describe("is safe to repeat", () => {
    it("sends once for one key, also for concurrent calls", async () => {
      const sid = await converse(CUSTOMER);
      const input = { idempotencyKey: "order-7", contentSid: await template() };
      const answers = await Promise.all([1, 2].map(() => send(sid, input)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
      expect(new Set(answers.map(({ body }) => body.messageSid)).size).toBe(1);
    });

    it.each(["text", "template"])("with a key, and sends the %s once", async (what) => {
      const sid = await conversedAgo(what === "text" ? HOUR : 25 * HOUR);
      const input = { idempotencyKey: "order-7" };
      const first = await send(sid, input);
      expect(await send(sid, input)).toMatchObject({
        status: 200,
        body: { status: "existing", messageSid: first.body.messageSid, sent: what },
      });
      expect(await conversation(sid).messages.list()).toHaveLength(2);
    });

    it.each(effectsOf(SEND_MESSAGE))("despite a fault (%j)", async (effect) => {
      for (const match of [SEND_MESSAGE, ADD_WEBHOOK]) {
        const sid = await conversedAgo(HOUR);
        await system.current.injectOnce(match, effect);
        expect((await send(sid)).status).toBe(201);
        expect(await conversation(sid).messages.list()).toHaveLength(2);
        expect(await conversation(sid).webhooks.list()).toEqual([]);
      }
    });

    it("and removes its webhook when the text cannot be sent", async () => {
      const sid = await conversedAgo(HOUR);
      await system.current.inject(SEND_MESSAGE, failed(400));
      expect(await send(sid)).toMatchObject({ status: 400, body: { code: "twilio_rejected" } });
      expect(await conversation(sid).webhooks.list()).toEqual([]);
    });
  });

  describe("rejects", () => {
    it.each([
      [{ body: undefined }, "body"],
      [{ body: "x".repeat(1601) }, "body"],
      [{ conversationSid: undefined }, "conversationSid"],
      [{ address: CUSTOMER }, "conversationSid"],
      [{ contentSid: undefined }, "contentVariables"],
      [{ contentSid: `HX${"0".repeat(32)}` }, "contentSid"],
      [{ contentVariables: {} }, "contentVariables"],
      [{ to: CUSTOMER }, "to"],
    ])("%j, naming the field", async (change, field) => {
      const sid = await conversedAgo(HOUR);
      expect(await send(sid, change)).toMatchObject({ status: 400, body: { field } });
      expect(await conversation(sid).messages.list()).toHaveLength(1);
    });

    it.each([1, 25])(
      "variables that WhatsApp rejects, %d hours after the person's message",
      async (hours) => {
        const sid = await conversedAgo(hours * HOUR);
        const results = await rejections(system.current, (contentSid, contentVariables) =>
          send(sid, { contentSid, contentVariables }),
        );
        expect(results).toEqual(ALL_REJECTED);
        expect(await conversation(sid).messages.list()).toHaveLength(1);
      },
    );

    it.each([
      [{ "twilio/location": { latitude: 1, longitude: 2, label: "Here" } }, "template_type_needs_window"],
      [{ "twilio/catalog": { body: "Look", id: "1", items: [{ id: "2" }] } }, "template_type_unsupported"],
    ])("the template %j", async (types, code) => {
      const sid = await conversedAgo(25 * HOUR);
      const contentSid = await system.current.account.template(types, "approved");
      expect(await send(sid, { contentSid, contentVariables: undefined })).toMatchObject({
        status: 400,
        body: { code, field: "contentSid" },
      });
    });

    it("a template that is not approved, although the window is open", async () => {
      const sid = await conversedAgo(HOUR);
      expect(await send(sid, { contentSid: await template("pending") })).toMatchObject({
        status: 400,
        body: { code: "template_not_approved", field: "contentSid" },
      });
    });

    it("a conversation without a WhatsApp participant, a closed one and an unknown one", async () => {
      const sid = await converse();
      expect(await send(sid)).toMatchObject({ status: 400, body: { code: "no_whatsapp_participant" } });
      const closed = await conversedAgo(HOUR);
      await conversation(closed).update({ state: "closed" });
      expect(await send(closed)).toMatchObject({ status: 409, body: { code: "conversation_closed" } });
      expect(await send("", { conversationSid: undefined, address: CUSTOMER })).toMatchObject({
        status: 404,
        body: { code: "not_found", field: "address" },
      });
      expect(await send(`CH${"0".repeat(32)}`)).toMatchObject({
        status: 404,
        body: { code: "not_found", field: "conversationSid" },
      });
    });
  });
});
