import { describe, expect, it } from "vitest";
import {
  effectsOf,
  FETCH_MESSAGE,
  failed,
  LOST,
  type Match,
  REMOVE_WEBHOOK,
  SEND_TEMPLATE,
  TWICE_AT_ONCE,
  TWICE_IN_TURN,
} from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { COURIER, CUSTOMER, useSystem } from "../../support/system.ts";
import { HOUR, RECEIPT_PATH, TEMPLATE, whatsappSend } from "../../support/whatsapp-send.ts";

const RECEIPTS = { url: `*${RECEIPT_PATH}*` };

describe.each(platforms)("whatsapp/send-receipt on $name", (platform) => {
  const system = useSystem(platform);
  const { conversation, converse, template, send } = whatsappSend(system);

  /** The customer wrote an hour ago by the handlers' clock, and more than a day ago by WhatsApp's. */
  async function closing(...people: readonly string[]): Promise<string> {
    await system.current.clear(Date.now() - HOUR);
    const sid = await converse(CUSTOMER, ...people);
    for (const person of [CUSTOMER, ...people]) await system.current.send(person, "Where is it?");
    await system.current.account.emulator.advance(25 * HOUR);
    return sid;
  }

  it.each([undefined, TWICE_AT_ONCE, TWICE_IN_TURN])(
    "sends the template once (receipts: %j)",
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

  it("sends the template once for several people, with the same author", async () => {
    const sid = await closing(COURIER);
    await send(sid, { author: "agent" });
    expect(await system.current.received(CUSTOMER)).toEqual(["Where is it?", TEMPLATE]);
    expect(await system.current.received(COURIER)).toEqual([TEMPLATE]);
    const authors = (await conversation(sid).messages.list()).map(({ author }) => author);
    expect(authors).toEqual([CUSTOMER, COURIER, "agent", "agent"]);
  });

  it("sends the template after each text that was too late", async () => {
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
  it.each(STEPS.flatMap(([step, match]) => effectsOf(match).map((effect) => [step, effect, match] as const)))(
    "%s (%j), sends it once in the end",
    async (_step, effect, match) => {
      const sid = await closing();
      await system.current.injectOnce(match, effect);
      await send(sid);
      expect(await system.current.received(CUSTOMER)).toEqual([TEMPLATE]);
      expect(await conversation(sid).webhooks.list()).toEqual([]);
    },
  );

  it("sends the template for a receipt that never arrived, when it is called again", async () => {
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

  it("retries a template that could not be sent", async () => {
    await system.current.clear(Date.now() - HOUR);
    const sid = await converse(CUSTOMER);
    await conversation(sid).messages.create({ author: CUSTOMER, body: "Where is it?" });
    const input = { idempotencyKey: "order-7", contentSid: await template() };
    await system.current.inject(SEND_TEMPLATE, failed(401));
    await send(sid, input);
    expect(await system.current.received(CUSTOMER)).toEqual([]);
    await system.current.clearFaults();
    expect((await send(sid, input)).body).toMatchObject({ status: "existing", followUp: "followed" });
    expect((await send(sid, input)).body).toMatchObject({ followUp: "handled" });
    expect(await system.current.received(CUSTOMER)).toEqual([TEMPLATE]);
  });

  const event = { EventType: "onDeliveryUpdated", Status: "undelivered", ErrorCode: "63016" };
  const post = (form: Record<string, string>) => system.current.deliver(RECEIPT_PATH, form);

  it("ignores other messages, and deleted ones", async () => {
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

  it("rejects an unsigned request", async () => {
    const sid = await converse(CUSTOMER);
    const body = new URLSearchParams({ ...event, ConversationSid: sid });
    const response = await fetch(`${system.current.url}${RECEIPT_PATH}`, { method: "POST", body });
    expect(response.status).toBe(401);
  });
});
