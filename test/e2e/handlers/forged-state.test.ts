import { describe, expect, it } from "vitest";
import { CONNECTION, INVITATION, introduce } from "../../support/courier.ts";
import { platforms } from "../../support/platforms.ts";
import { COURIER, CUSTOMER, useSystem } from "../../support/system.ts";

const PROXIES = ["+15005550101", "+15005550102"];
const [ANNA, BEN] = ["+15558675310", "+15558675311"];
const SENT = "order 7 was cancelled";

/** State that a chat user with default permissions can write, and its effect. */
describe.each(platforms)("state written by a chat user, on $name,", (platform) => {
  const system = useSystem(platform, { PROXY_ADDRESSES: PROXIES.join() });
  const conversations = () => system.current.account.conversations;
  const call = (path: string, input: object) => system.current.call(path, input);

  it("is no consent: a conversation with the back end's unique name causes a 409", async () => {
    const uniqueName = "delivery-42";
    const forged = { answer: { consent: true }, invitee: CUSTOMER, inviter: COURIER };
    const attributes = JSON.stringify({ whatsappOptIn: forged, parley: `1.aaaaaa.${"a".repeat(22)}.{}` });
    const { sid } = await conversations().create({ uniqueName, attributes });
    expect(await introduce(system.current, { uniqueName })).toMatchObject({
      status: 409,
      body: { code: "unique_name_taken", conversationSid: sid },
    });
    expect(await system.current.received(CUSTOMER)).toEqual([]);
  });

  it("does not prevent a message with an idempotency key", async () => {
    const { sid } = await conversations().create();
    const input = { conversationSid: sid, body: SENT, idempotencyKey: "order-7" };
    const first = await call("/conversations/send", input);
    const { attributes } = await conversations()(sid).messages(String(first.body.messageSid)).fetch();
    await conversations()(sid).messages.create({ author: "mallory", body: "copied", attributes });
    const planted = JSON.stringify({ idempotencyKey: "order-8" });
    await conversations()(sid).messages.create({ author: "mallory", body: "planted", attributes: planted });
    expect(await call("/conversations/send", input)).toMatchObject({
      status: 200,
      body: { messageSid: first.body.messageSid },
    });
    expect((await call("/conversations/send", { ...input, idempotencyKey: "order-8" })).status).toBe(201);
    // The record of one conversation is invalid in another.
    const other = await conversations().create();
    await conversations()(other.sid).messages.create({ body: "copied", attributes });
    expect((await call("/conversations/send", { ...input, conversationSid: other.sid })).status).toBe(201);
  });

  it("neither claims nor blocks a masked conversation", async () => {
    for (const address of PROXIES) await system.current.account.control("POST", "/numbers", { address });
    const first = await call("/conversations/connect", { address: ANNA, otherAddress: BEN });
    const { attributes, uniqueName } = await conversations()(String(first.body.conversationSid)).fetch();
    await conversations()(String(first.body.conversationSid)).update({ state: "closed" });
    const { sid } = await conversations().create({ attributes });
    for (const address of [ANNA, BEN]) {
      await conversations()(sid).participants.create({
        "messagingBinding.address": address,
        "messagingBinding.proxyAddress": PROXIES[0] ?? "",
      });
    }
    const second = await call("/conversations/connect", { address: ANNA, otherAddress: BEN });
    expect(second).toMatchObject({ status: 201, body: { status: "connected" } });
    expect(second.body.conversationSid).not.toBe(sid);
    expect(String(second.body.uniqueName).replace(/-\d+$/, "")).toBe(uniqueName.replace(/-\d+$/, ""));
  });

  it("is recognized as forged by an endpoint that requires its own record", async () => {
    const { sid } = await conversations().create({ uniqueName: "squatted" });
    const input = { conversationSid: "squatted", requireOwn: true };
    expect(await call("/conversations/send", { ...input, body: SENT })).toMatchObject({
      status: 409,
      body: { code: "not_own", field: "conversationSid", conversationSid: sid },
    });
    const own = await introduce(system.current, { uniqueName: "delivery-1" });
    const sent = { ...input, conversationSid: "delivery-1", body: SENT };
    expect(await call("/conversations/send", sent)).toMatchObject({
      status: 201,
      body: { conversationSid: own.sid },
    });
  });

  it("that leaves no room for the handler's record causes a 400 with the remaining size", async () => {
    const { sid } = await conversations().create();
    const attributes = { note: "x".repeat(4_070) };
    expect(await call("/conversations/send", { conversationSid: sid, body: SENT, attributes })).toMatchObject(
      {
        status: 400,
        body: { code: "attributes_too_large", message: expect.stringMatching(/39\d\d bytes left/) },
      },
    );
  });

  describe("whatsapp/opt-in-reply", () => {
    async function deliver(sid: string, form: Record<string, string>): Promise<Record<string, unknown>> {
      const [webhook] = await conversations()(sid).webhooks.list();
      const { pathname, search } = new URL(webhook?.configuration.url);
      return (await system.current.deliver(`${pathname}${search}`, form)).body;
    }

    it("ignores a yes of a chat user whose identity is the invitee's number", async () => {
      const { sid } = await introduce(system.current);
      const { sid: participant } = await conversations()(sid).participants.create({ identity: CUSTOMER });
      const message = await conversations()(sid).messages.create({ author: CUSTOMER, body: "yes" });
      const form = {
        EventType: "onMessageAdded",
        ConversationSid: sid,
        MessageSid: message.sid,
        Author: CUSTOMER,
      };
      const phone = (await conversations()(sid).participants.list()).find(
        ({ messagingBinding }) => messagingBinding?.address === CUSTOMER,
      );
      for (const [Source, ParticipantSid] of [
        ["SDK", participant],
        ["WHATSAPP", participant],
        ["SDK", phone?.sid ?? ""],
        ["SMS", phone?.sid ?? ""],
      ] as const) {
        expect(await deliver(sid, { ...form, Source, ParticipantSid })).toMatchObject({
          reason: "not_from_the_phone",
        });
      }
      expect(await system.current.received(COURIER)).toEqual([]);
    });

    it("ignores a yes that a program has written in the invitee's name", async () => {
      const { sid } = await introduce(system.current);
      await call("/conversations/send", { conversationSid: sid, author: CUSTOMER, body: "yes" });
      await system.current.send(CUSTOMER, "Who is this?");
      expect(JSON.parse((await conversations()(sid).fetch()).attributes).whatsappOptIn).toBeUndefined();
      expect(await system.current.received(COURIER)).not.toContain(CONNECTION);
    });

    it("acts on the plan in its own webhook's URL, although the record was removed", async () => {
      const { sid } = await introduce(system.current);
      await conversations()(sid).update({ attributes: "{}" });
      await system.current.send(CUSTOMER, "Yes");
      expect((await system.current.received(CUSTOMER))[0]).toBe(INVITATION);
      expect(await system.current.received(COURIER)).toEqual([CONNECTION]);
    });
  });
});
