import { describe, expect, it } from "vitest";
import { CONNECTION, INVITATION, introduce } from "../../support/courier.ts";
import { ADD_WEBHOOK, ANY_DELETION, failed, SEND_MESSAGE } from "../../support/faults.ts";
import { awsLambda, platforms } from "../../support/platforms.ts";
import { handled, sendEvent } from "../../support/post-event.ts";
import { COURIER, CUSTOMER, QUICK, useSystem } from "../../support/system.ts";

/** One more than the page size. */
const MANY = 101;
const LONG_AGO = 600_000;
const HOUR = 3_600_000;
/** A Monday in winter, an hour before it opens in Berlin. */
const CLOSED_AT = Date.parse("2026-01-05T07:00:00Z");

const RESPONDER = {
  openingHours: { timeZone: "Europe/Berlin", week: { mon: ["09:00-17:00"] }, closedText: "We are closed." },
  defaultText: "Say hours.",
};
const REACTIONS = {
  newConversation: { welcome: "Welcome!" },
  followUp: [{ do: "retry-on-another-channel" }],
};

describe.each(platforms)("a conversation with many messages, on $name,", (platform) => {
  const settings = {
    CONVERSATION_RESPONDER: JSON.stringify(RESPONDER),
    POST_EVENT_REACTIONS: JSON.stringify(REACTIONS),
    PROXY_ADDRESSES: "whatsapp:+15005550199,+15005550101",
  };
  const system = useSystem(platform, settings, QUICK);
  const conversation = (sid: string) => system.current.account.conversations(sid);
  const bodies = async (sid: string) => (await conversation(sid).messages.list()).map(({ body }) => body);
  const count = async (sid: string, text: string) =>
    (await bodies(sid)).filter((body) => body === text).length;

  /** Adds many messages of one author. */
  async function talk(sid: string, author: string): Promise<void> {
    const numbers = Array.from({ length: MANY }, (_, index) => index);
    await Promise.all(
      numbers.map((number) => conversation(sid).messages.create({ author, body: `${number}` })),
    );
  }

  async function withCustomer(): Promise<string> {
    const { sid } = await system.current.account.conversations.create();
    await conversation(sid).participants.create({
      "messagingBinding.address": CUSTOMER,
      "messagingBinding.proxyAddress": system.current.account.emulator.whatsappNumber,
    });
    return sid;
  }

  describe("whatsapp/opt-in", () => {
    it("finds the invitation before them, and removes nothing", async () => {
      await system.current.clear(Date.now() - LONG_AGO);
      const { sid } = await introduce(system.current, { uniqueName: "delivery-1" });
      await talk(sid, COURIER);
      const again = await introduce(system.current, { uniqueName: "delivery-1" });
      expect(again).toMatchObject({ status: 200, sid, body: { status: "invited", existing: true } });
      expect(await conversation(sid).messages.list()).toHaveLength(MANY + 1);
    });

    it("keeps messages in a conversation whose creation was interrupted", async () => {
      await system.current.clear(Date.now() - LONG_AGO);
      for (const match of [SEND_MESSAGE, ANY_DELETION]) await system.current.inject(match, failed());
      const { sid } = await introduce(system.current, { uniqueName: "delivery-1" });
      await system.current.clearFaults();
      await system.current.send(CUSTOMER, "Where is my pizza?");
      expect(await introduce(system.current, { uniqueName: "delivery-1" })).toMatchObject({
        status: 409,
        sid,
        body: { code: "left_half_made", field: "uniqueName" },
      });
      expect(await bodies(sid)).toEqual(["Where is my pizza?"]);
    });

    it("does not delete a conversation that has received a message meanwhile", async () => {
      const letPass = await system.current.holdRequests(ADD_WEBHOOK);
      await system.current.inject(SEND_MESSAGE, failed(400));
      const answer = introduce(system.current, { uniqueName: "delivery-1" });
      const { participants } = conversation("delivery-1");
      await expect.poll(() => participants.list().catch(() => [])).toHaveLength(2);
      await system.current.say(CUSTOMER, "Where is my pizza?");
      await letPass();
      const { status, body, sid } = await answer;
      expect({ status, code: body.code }).toEqual({ status: 502, code: "left_half_made" });
      expect(await bodies(sid)).toContain("Where is my pizza?");
    });
  });

  describe("whatsapp/opt-in-reply", () => {
    it("handles a reply after them", async () => {
      const { sid } = await introduce(system.current);
      await talk(sid, COURIER);
      await system.current.send(CUSTOMER, "Yes");
      expect(await system.current.received(COURIER)).toEqual([CONNECTION]);
    });

    it("does not repeat a message that it sent before them", async () => {
      await system.current.clear(Date.now() - LONG_AGO);
      const { sid } = await introduce(system.current, { uniqueName: "delivery-1", waitText: "Hold on." });
      await system.current.inject(SEND_MESSAGE, failed(400), { skip: 1 });
      // With a queue, its webhook stays until everything is done.
      if (platform !== awsLambda) await system.current.inject(ADD_WEBHOOK, failed(400));
      await system.current.send(CUSTOMER, "Yes");
      await system.current.clearFaults();
      expect(await bodies(sid)).toEqual([INVITATION, "Yes", "Hold on."]);
      await talk(sid, COURIER);
      await introduce(system.current, { uniqueName: "delivery-1", waitText: "Hold on." });
      expect(await count(sid, "Hold on.")).toBe(1);
      expect(await system.current.received(COURIER)).toEqual([CONNECTION]);
      await talk(sid, CUSTOMER);
      await introduce(system.current, { uniqueName: "delivery-1" });
      expect(await count(sid, CONNECTION)).toBe(1);
      expect(await conversation(sid).webhooks.list()).toEqual([]);
    });
  });

  it("conversations/send recognizes an idempotency key of the last 24 hours", async () => {
    await system.current.clear(Date.now() - 23 * HOUR);
    const sid = await withCustomer();
    const input = { conversationSid: sid, body: "Hello", idempotencyKey: "order-7" };
    const first = await system.current.call("/conversations/send", input);
    await talk(sid, CUSTOMER);
    const second = await system.current.call("/conversations/send", input);
    expect(second.body).toMatchObject({ status: "existing", messageSid: first.body.messageSid });
  });

  it("whatsapp/send finds the template that has followed its text", async () => {
    await system.current.clear(Date.now() - HOUR);
    const sid = await withCustomer();
    // Another program in the customer's name: for the handlers the window is open, for WhatsApp it is not.
    await conversation(sid).messages.create({ author: CUSTOMER, body: "Where is it?" });
    const contentSid = await system.current.account.template(
      { "twilio/text": { body: "Your pizza" } },
      "approved",
    );
    const input = { conversationSid: sid, body: "Soon", contentSid, idempotencyKey: "order-7" };
    await system.current.call("/whatsapp/send", input);
    await system.current.settle();
    expect(await system.current.received(CUSTOMER)).toEqual(["Your pizza"]);
    await talk(sid, CUSTOMER);
    const again = await system.current.call("/whatsapp/send", input);
    expect(again.body).toMatchObject({ status: "existing", followUp: "handled" });
  });

  describe("webhooks/conversation", () => {
    async function listen(sid: string): Promise<void> {
      await conversation(sid).webhooks.create({
        target: "webhook",
        "configuration.url": `${system.current.url}/webhooks/conversation`,
        "configuration.method": "post",
        "configuration.filters": ["onMessageAdded"],
      });
    }

    it.each([
      ["default answer", CLOSED_AT + HOUR, RESPONDER.defaultText],
      ["answer of a closed period", CLOSED_AT - 8 * HOUR, RESPONDER.openingHours.closedText],
    ])("finds its %s behind them", async (_which, at, answer) => {
      await system.current.clear(at);
      const sid = await withCustomer();
      await listen(sid);
      await system.current.send(CUSTOMER, "Hello?");
      await system.current.account.emulator.advance(2 * HOUR);
      await talk(sid, "alice");
      await system.current.account.emulator.advance(2 * HOUR);
      await system.current.send(CUSTOMER, "Hello?");
      expect(await system.current.received(CUSTOMER)).toContain(answer);
      expect(await count(sid, answer)).toBe(1);
    });
  });

  describe("webhooks/post-event", () => {
    it("greets once although its event is delivered twice and late", async () => {
      const sid = await withCustomer();
      await talk(sid, "alice");
      const event = {
        EventType: "onConversationAdded",
        ConversationSid: sid,
        Source: "API",
        State: "active",
      };
      const log = system.current.logFromHere();
      for (const RetryCount of ["0", "1"]) await sendEvent(system.current, { ...event, RetryCount });
      await expect.poll(() => handled(log()).map(({ welcome }) => welcome)).toEqual(["sent", "existing"]);
      expect(await count(sid, "Welcome!")).toBe(1);
    });

    it("resends a message on another channel once, although its event is delivered twice and late", async () => {
      const { smsNumber } = system.current.account.emulator;
      const { sid } = await system.current.account.conversations.create();
      const phone = CUSTOMER.replace("whatsapp:", "");
      const { sid: ParticipantSid } = await conversation(sid).participants.create({
        "messagingBinding.address": CUSTOMER,
        "messagingBinding.proxyAddress": system.current.account.emulator.whatsappNumber,
        attributes: JSON.stringify({ otherChannel: { address: phone, proxyAddress: smsNumber } }),
      });
      const { sid: MessageSid } = await conversation(sid).messages.create({ author: "agent", body: "Soon" });
      const event = { EventType: "onDeliveryUpdated", Status: "undelivered", ErrorCode: "63016" };
      const failure = { ...event, ConversationSid: sid, MessageSid, ParticipantSid };
      await sendEvent(system.current, { ...failure, RetryCount: "0" });
      await talk(sid, "agent");
      await sendEvent(system.current, { ...failure, RetryCount: "1" });
      expect(await count(sid, "Soon")).toBe(2);
    });
  });
});
