import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { describe, expect, it } from "vitest";
import {
  ADD_WEBHOOK,
  ANY_DELETION,
  ANY_REQUEST,
  EFFECTS,
  effectsOf,
  FETCH_MESSAGE,
  failed,
  LOST,
  type Match,
  REMOVE_WEBHOOK,
  SEND_MESSAGE,
  SEND_TEMPLATE,
  TWICE_AT_ONCE,
  TWICE_IN_TURN,
} from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { COURIER, CUSTOMER, QUICK, useSystem } from "../../support/system.ts";

const TEXT = "Your parcel is at the door.";
const TEMPLATE = "Hello Robert, your parcel is waiting.";
const RECEIPT_PATH = "/whatsapp/send-receipt";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const RECEIPTS = { url: `*${RECEIPT_PATH}*` };

describe.each(platforms)("whatsapp/send on $name", (platform) => {
  const system = useSystem(platform, {}, QUICK);

  const conversation = (sid: string) => system.current.account.conversations(sid);

  async function converse(...people: readonly string[]): Promise<string> {
    const { sid } = await system.current.account.conversations.create();
    for (const address of people) {
      await conversation(sid).participants.create({
        "messagingBinding.address": address,
        "messagingBinding.proxyAddress": system.current.account.emulator.whatsappNumber,
      });
    }
    return sid;
  }

  /** A conversation in which the customer wrote that long ago, as the handlers' clock has it. */
  async function conversedAgo(ms: number): Promise<string> {
    await system.current.clear(Date.now() - ms);
    const sid = await converse(CUSTOMER);
    await system.current.send(CUSTOMER, "Where is it?");
    await system.current.account.emulator.advance(ms);
    return sid;
  }

  const template = (status = "approved") =>
    system.current.account.template({ "twilio/text": { body: TEMPLATE.replace("Robert", "{{1}}") } }, status);

  /** Sends, with the template to fall back to, and lets everything that follows happen. */
  async function send(sid: string, change: Record<string, unknown> = {}) {
    const input = {
      conversationSid: sid,
      body: TEXT,
      contentSid: await template(),
      contentVariables: { "1": "Robert" },
      ...change,
    };
    const answer = await system.current.call("/whatsapp/send", input);
    await system.current.account.emulator.settle();
    return answer;
  }
  const withoutTemplate = { contentSid: undefined, contentVariables: undefined };

  describe("inside the window", () => {
    it("sends the text, and listens for its receipt no longer than it takes", async () => {
      const sid = await conversedAgo(HOUR);
      expect(await send(sid, { attributes: { order: 7 } })).toMatchObject({
        status: 201,
        body: { status: "sent", sent: "text", reason: "window_open", followUp: "waiting", index: 1 },
      });
      expect(await system.current.received(CUSTOMER)).toEqual([TEXT]);
      expect(await conversation(sid).webhooks.list()).toEqual([]);
      const attempts = await system.current.account.webhooks();
      expect(attempts.map(({ response }) => JSON.parse(response?.body ?? "{}").status)).toEqual([
        "ignored",
        "settled",
      ]);
      const [, message] = await conversation(sid).messages.list();
      expect(JSON.parse(message?.attributes ?? "{}")).toMatchObject({ order: 7 });
    });

    it.each(EFFECTS)("stops listening although something goes wrong on the way (%j)", async (effect) => {
      for (const match of [{ path: `${ANY_REQUEST.path}/Receipts*` }, ANY_DELETION]) {
        const sid = await conversedAgo(HOUR);
        await system.current.injectOnce(match, effect);
        await send(sid);
        expect(await system.current.received(CUSTOMER)).toEqual([TEXT]);
        expect(await conversation(sid).webhooks.list()).toEqual([]);
      }
    });

    it("says when the window closes", async () => {
      const sid = await conversedAgo(HOUR);
      const [inbound] = await conversation(sid).messages.list();
      const { body } = await send(sid);
      expect(Date.parse(String(body.windowClosesAt))).toBe((inbound?.dateCreated.getTime() ?? 0) + 24 * HOUR);
    });

    it("needs no template, and then listens for nothing", async () => {
      const sid = await conversedAgo(HOUR);
      expect((await send(sid, withoutTemplate)).body).toMatchObject({ sent: "text", followUp: "none" });
      expect((await system.current.requests()).filter((request) => request.includes("/Webhooks"))).toEqual(
        [],
      );
    });

    it("finds somebody's newest open conversation by their address", async () => {
      const sid = await conversedAgo(HOUR);
      const { body } = await send("", { conversationSid: undefined, address: "+1 555 867 5310" });
      expect(body).toMatchObject({ conversationSid: sid, sent: "text" });
    });

    it("sees the person's message behind more than a page of others", async () => {
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

    it("sends it to somebody who has never written", async () => {
      const sid = await converse(CUSTOMER);
      expect((await send(sid)).body).toMatchObject({ sent: "template", reason: "window_closed" });
      expect(await system.current.received(CUSTOMER)).toEqual([TEMPLATE]);
    });

    it("refuses without a template", async () => {
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

    it("does not take what a program wrote in somebody's name for theirs", async () => {
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

  it("sends text only when everybody who gets it has written, and its author does not get it", async () => {
    const sid = await converse(CUSTOMER, COURIER);
    await system.current.send(CUSTOMER, "Hello?");
    expect((await send(sid)).body).toMatchObject({ sent: "template" });
    expect((await send(sid, { author: COURIER })).body).toMatchObject({ sent: "text" });
    await system.current.send(COURIER, "Hello!");
    expect((await send(sid)).body).toMatchObject({ sent: "text" });
    expect(await system.current.received(CUSTOMER)).toEqual([TEMPLATE, TEXT, "Hello!", TEXT]);
    expect(await conversation(sid).webhooks.list()).toEqual([]);
  });

  describe("when the window closes in between", () => {
    /** The customer wrote an hour ago by the handlers' clock, and more than a day ago by WhatsApp's. */
    async function closing(...people: readonly string[]): Promise<string> {
      await system.current.clear(Date.now() - HOUR);
      const sid = await converse(CUSTOMER, ...people);
      for (const person of [CUSTOMER, ...people]) await system.current.send(person, "Where is it?");
      await system.current.account.emulator.advance(25 * HOUR);
      return sid;
    }

    it.each([undefined, TWICE_AT_ONCE, TWICE_IN_TURN])(
      "has the template follow once (receipts: %j)",
      async (effect) => {
        const sid = await closing();
        if (effect !== undefined) await system.current.injectIntoWebhooks(RECEIPTS, effect);
        expect((await send(sid, { idempotencyKey: "order-7" })).body).toMatchObject({ sent: "text" });
        expect(await system.current.received(CUSTOMER)).toEqual([TEMPLATE]);
        expect(await conversation(sid).webhooks.list()).toEqual([]);
        expect((await send(sid, { idempotencyKey: "order-7" })).body).toMatchObject({
          status: "existing",
          sent: "text",
          followUp: "handled",
        });
        expect(await system.current.received(CUSTOMER)).toEqual([TEMPLATE]);
      },
    );

    it("has it follow once for several people, in the same name", async () => {
      const sid = await closing(COURIER);
      await send(sid, { author: "agent" });
      expect(await system.current.received(CUSTOMER)).toEqual(["Where is it?", TEMPLATE]);
      expect(await system.current.received(COURIER)).toEqual([TEMPLATE]);
      const authors = (await conversation(sid).messages.list()).map(({ author }) => author);
      expect(authors).toEqual([CUSTOMER, COURIER, "agent", "agent"]);
    });

    it("has it follow each text that came too late", async () => {
      const sid = await closing();
      await Promise.all([send(sid), send(sid)]);
      expect(await system.current.received(CUSTOMER)).toEqual([TEMPLATE, TEMPLATE]);
      expect(await conversation(sid).webhooks.list()).toEqual([]);
    });

    const STEPS: readonly [string, Match][] = [
      ["reading the message", FETCH_MESSAGE],
      ["removing its webhook", REMOVE_WEBHOOK],
      ["sending the template", SEND_TEMPLATE],
    ];
    it.each(
      STEPS.flatMap(([step, match]) => effectsOf(match).map((effect) => [step, effect, match] as const)),
    )("%s (%j), has it follow once in the end", async (_step, effect, match) => {
      const sid = await closing();
      await system.current.injectOnce(match, effect);
      await send(sid);
      expect(await system.current.received(CUSTOMER)).toEqual([TEMPLATE]);
      expect(await conversation(sid).webhooks.list()).toEqual([]);
    });

    it("sends once for one key, although calls come at one instant", async () => {
      const sid = await converse(CUSTOMER);
      const input = { idempotencyKey: "order-7", contentSid: await template() };
      const answers = await Promise.all([1, 2].map(() => send(sid, input)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
      expect(new Set(answers.map(({ body }) => body.messageSid)).size).toBe(1);
    });

    it("makes up for a receipt that never came, when it is called again", async () => {
      await system.current.clear(Date.now() - HOUR);
      const sid = await converse(CUSTOMER);
      // Another program in the customer's name: for the handlers the window is open, for WhatsApp it is not.
      await conversation(sid).messages.create({ author: CUSTOMER, body: "Where is it?" });
      await system.current.injectIntoWebhooks(RECEIPTS, LOST);
      const input = { idempotencyKey: "order-7", contentSid: await template() };
      expect((await send(sid, input)).body).toMatchObject({ sent: "text", followUp: "waiting" });
      expect(await system.current.received(CUSTOMER)).toEqual([]);
      await system.current.clearFaults();
      expect((await send(sid, input)).body).toMatchObject({ status: "existing", followUp: "followed" });
      expect((await send(sid, input)).body).toMatchObject({ status: "existing", followUp: "handled" });
      expect(await system.current.received(CUSTOMER)).toEqual([TEMPLATE]);
    });

    it("makes up for a template that could not be sent", async () => {
      await system.current.clear(Date.now() - HOUR);
      const sid = await converse(CUSTOMER);
      await conversation(sid).messages.create({ author: CUSTOMER, body: "Where is it?" });
      const input = { idempotencyKey: "order-7", contentSid: await template() };
      await system.current.inject(SEND_TEMPLATE, failed());
      await send(sid, input);
      expect(await system.current.received(CUSTOMER)).toEqual([]);
      await system.current.clearFaults();
      expect((await send(sid, input)).body).toMatchObject({ status: "existing", followUp: "followed" });
      expect((await send(sid, input)).body).toMatchObject({ followUp: "handled" });
      expect(await system.current.received(CUSTOMER)).toEqual([TEMPLATE]);
    });
  });

  describe("finds no room for what is to follow", () => {
    const attach = (sid: string, url: string) =>
      conversation(sid).webhooks.create({
        target: "webhook",
        "configuration.url": url,
        "configuration.filters": ["onConversationUpdated"],
      });

    it("when the conversation has too many webhooks, and sends the text all the same", async () => {
      const log = system.current.logFromHere();
      const sid = await conversedAgo(HOUR);
      for (const name of ["a", "b", "c", "d"]) await attach(sid, `https://example.com/${name}`);
      expect((await send(sid)).body).toMatchObject({ sent: "text", followUp: "none" });
      expect(await conversation(sid).webhooks.list()).toHaveLength(4);
      await expect.poll(log).toContain("too_many_webhooks");
    });

    it("until it has removed those whose receipts never came", async () => {
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
      expect((await send(sid, { contentVariables })).body).toMatchObject({ sent: "text", followUp: "none" });
    });
  });

  describe("is safe to repeat", () => {
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

    it.each(effectsOf(SEND_MESSAGE))("although something goes wrong on the way (%j)", async (effect) => {
      for (const match of [SEND_MESSAGE, ADD_WEBHOOK]) {
        const sid = await conversedAgo(HOUR);
        await system.current.injectOnce(match, effect);
        expect((await send(sid)).status).toBe(201);
        expect(await conversation(sid).messages.list()).toHaveLength(2);
        expect(await conversation(sid).webhooks.list()).toEqual([]);
      }
    });

    it("and leaves no webhook behind when the text cannot be sent", async () => {
      const sid = await conversedAgo(HOUR);
      await system.current.inject(SEND_MESSAGE, failed(400));
      expect(await send(sid)).toMatchObject({ status: 400, body: { code: "twilio_rejected" } });
      expect(await conversation(sid).webhooks.list()).toEqual([]);
    });
  });

  describe("its responder", () => {
    const event = { EventType: "onDeliveryUpdated", Status: "undelivered", ErrorCode: "63016" };
    async function post(form: Record<string, string>, isSigned = true) {
      const url = `${system.current.url}${RECEIPT_PATH}`;
      const signature = getExpectedTwilioSignature(system.current.account.emulator.authToken, url, form);
      const headers: Record<string, string> = isSigned ? { "x-twilio-signature": signature } : {};
      const response = await fetch(url, { method: "POST", headers, body: new URLSearchParams(form) });
      return { status: response.status, body: await response.json() };
    }

    it("leaves other messages, and ones that are gone, alone", async () => {
      const sid = await converse(CUSTOMER);
      const other = await conversation(sid).messages.create({ body: "hi" });
      for (const MessageSid of [other.sid, `IM${"0".repeat(32)}`]) {
        expect(await post({ ...event, ConversationSid: sid, MessageSid })).toMatchObject({
          status: 200,
          body: { status: "ignored", reason: "no_follow_up" },
        });
      }
      const added = { ...event, EventType: "onMessageAdded", ConversationSid: sid };
      expect(await post(added)).toMatchObject({ body: { status: "ignored", reason: "other_event" } });
      expect(await conversation(sid).messages.list()).toHaveLength(1);
    });

    it("refuses whoever has not signed", async () => {
      const sid = await converse(CUSTOMER);
      expect((await post({ ...event, ConversationSid: sid }, false)).status).toBe(401);
    });
  });

  describe("refuses", () => {
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

    it("a template that is not approved, although the window is open", async () => {
      const sid = await conversedAgo(HOUR);
      expect(await send(sid, { contentSid: await template("pending") })).toMatchObject({
        status: 400,
        body: { code: "template_not_approved", field: "contentSid" },
      });
    });

    it("a conversation without anybody on WhatsApp, a closed one, and none at all", async () => {
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
