import { describe, expect, it } from "vitest";
import {
  CREATE_CONVERSATION,
  effectsOf,
  FETCH_CONVERSATION,
  UPDATE_CONVERSATION,
} from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { CUSTOMER, useSystem } from "../../support/system.ts";

const LARGEST_ANSWER = 64_000;

describe.each(platforms)("the contents of conversations, on $name", (platform) => {
  const system = useSystem(platform);
  const call = (step: string, input: object) => system.current.call(`/conversations/${step}`, input);
  const read = (step: string, input: object) =>
    system.current.call(`/conversations/${step}`, input, { sub: "service", scope: "conversations:read" });
  const conversation = (sid: string) => system.current.account.conversations(sid);
  const attributesOf = async (sid: string): Promise<Record<string, unknown>> =>
    JSON.parse((await conversation(sid).fetch()).attributes);

  describe("create", () => {
    const order = { uniqueName: "Order 7 (ü)", friendlyName: "Order 7", attributes: { order: 7 } };

    it("creates one conversation for a unique name, and reports when it has closed since", async () => {
      const first = await call("create", { ...order, inactive: "PT5M", closed: "1 day" });
      expect(first).toMatchObject({ status: 201, body: { status: "created", state: "active" } });
      const sid = String(first.body.conversationSid);
      expect(await conversation(sid).fetch()).toMatchObject({ friendlyName: "Order 7", state: "active" });
      expect(await attributesOf(sid)).toMatchObject({ order: 7 });
      const again = { status: "existing", conversationSid: sid, uniqueName: order.uniqueName };
      expect(await call("create", order)).toMatchObject({ status: 200, body: { ...again, state: "active" } });
      await conversation(sid).update({ state: "closed" });
      expect((await call("create", order)).body).toMatchObject({ ...again, state: "closed" });
    });

    it("creates one conversation for concurrent calls", async () => {
      const answers = await Promise.all([1, 2, 3].map(() => call("create", order)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
      expect(await system.current.account.conversations.list()).toHaveLength(1);
    });

    it.each(effectsOf(CREATE_CONVERSATION))("creates one despite a fault (%j)", async (effect) => {
      await system.current.injectOnce(CREATE_CONVERSATION, effect);
      expect((await call("create", order)).body).toMatchObject({ status: "created" });
      expect(await system.current.account.conversations.list()).toHaveLength(1);
    });

    it("never reuses a conversation of another creator", async () => {
      const { sid } = await system.current.account.conversations.create({ uniqueName: order.uniqueName });
      expect(await call("create", order)).toMatchObject({
        status: 409,
        body: { code: "unique_name_taken", field: "uniqueName", conversationSid: sid },
      });
      expect(await attributesOf(sid)).toEqual({});
    });

    it("triggers webhooks", async () => {
      const receiver = await system.current.account.receiver();
      const webhook = system.current.account.client.conversations.v1.configuration.webhooks();
      await webhook.update({
        postWebhookUrl: receiver.url,
        filters: ["onConversationAdded"],
        method: "POST",
      });
      await call("create", order);
      await system.current.settle();
      expect(receiver.received).toHaveLength(1);
    });
  });

  describe("update", () => {
    const create = async (attributes: object = {}) =>
      (await system.current.account.conversations.create({ attributes: JSON.stringify(attributes) })).sid;

    it("renames, merges and moves, and writes nothing that is already so", async () => {
      const sid = await create({ lead: { name: "Ann", draft: true }, kept: [1, 2], gone: 1 });
      const attributes = '{"lead":{"email":"ann@example.com","draft":null},"gone":null,"__proto__":{"x":1}}';
      const changes = { conversationSid: sid, friendlyName: "Lead", attributes, state: "inactive" };
      expect(await call("update", changes)).toMatchObject({
        status: 200,
        body: { status: "updated", conversationSid: sid, state: "inactive" },
      });
      const found = await conversation(sid).fetch();
      expect(found).toMatchObject({ friendlyName: "Lead", state: "inactive" });
      expect(found.attributes).toBe(
        '{"lead":{"name":"Ann","email":"ann@example.com"},"kept":[1,2],"__proto__":{"x":1}}',
      );
      const before = (await system.current.requests()).filter((one) => one.startsWith("POST"));
      expect((await call("update", changes)).body).toMatchObject({ status: "unchanged", state: "inactive" });
      const after = (await system.current.requests()).filter((one) => one.startsWith("POST"));
      // Only the lock.
      expect(after.length - before.length).toBe(1);
    });

    it("keeps the records of other endpoints", async () => {
      const { conversationSid } = (await call("create", { uniqueName: "order-8" })).body;
      const own = { conversationSid, requireOwn: true };
      expect((await call("update", { ...own, attributes: { vip: true } })).status).toBe(200);
      expect((await call("update", { ...own, state: "closed" })).body).toMatchObject({ status: "updated" });
      expect((await call("update", { ...own, state: "closed" })).body).toMatchObject({ status: "unchanged" });
      expect((await call("create", { uniqueName: "order-8" })).body).toMatchObject({ status: "existing" });
      expect(await call("update", { conversationSid, attributes: { late: true } })).toMatchObject({
        status: 409,
        body: { code: "conversation_closed" },
      });
    });

    it("loses no change of concurrent calls", async () => {
      const sid = await create();
      const names = ["a", "b", "c"];
      await Promise.all(
        names.map((name) => call("update", { conversationSid: sid, attributes: { [name]: 1 } })),
      );
      expect(Object.keys(await attributesOf(sid)).sort()).toEqual(names);
    });

    it("merges again when another program has overwritten the change", async () => {
      const sid = await create({ theirs: 1 });
      // The first read and the one before the merge pass; the one after it is held.
      const letLook = await system.current.holdRequests(
        { ...FETCH_CONVERSATION, conversation: sid },
        { skip: 2, times: 1 },
      );
      const answer = call("update", { conversationSid: sid, attributes: { ours: 1 } });
      await expect.poll(() => attributesOf(sid)).toHaveProperty("ours");
      await expect.poll(() => system.current.account.injections()).toHaveLength(1);
      await conversation(sid).update({ attributes: '{"theirs":2}' });
      await letLook();
      expect((await answer).body).toMatchObject({ status: "updated" });
      expect(await attributesOf(sid)).toEqual({ theirs: 2, ours: 1 });
    });

    it.each(effectsOf(UPDATE_CONVERSATION))("merges despite a fault (%j)", async (effect) => {
      const sid = await create({ kept: 1 });
      await system.current.injectOnce({ ...UPDATE_CONVERSATION, conversation: sid }, effect);
      expect((await call("update", { conversationSid: sid, attributes: { a: 1 } })).status).toBe(200);
      expect(await attributesOf(sid)).toEqual({ kept: 1, a: 1 });
    });

    it.each([
      [{}, "friendlyName", "invalid_input"],
      [{ state: "paused" }, "state", "invalid_input"],
      [{ attributes: "[]" }, "attributes", "invalid_input"],
      [{ attributes: { a: "x".repeat(16_384) } }, "attributes", "attributes_too_large"],
      [{ attributes: { a: "x".repeat(12_000) } }, "attributes", "attributes_too_large"],
    ])("rejects invalid changes (%#)", async (changes, field, code) => {
      const sid = await create({ much: "x".repeat(8_000) });
      expect(await call("update", { conversationSid: sid, ...changes })).toMatchObject({
        status: 400,
        body: { field, code },
      });
    });
  });

  describe("history", () => {
    const messagesOf = (body: Record<string, unknown>) =>
      JSON.parse(String(body.messages)) as Record<string, unknown>[];

    it("returns the last messages as text and as JSON, and earlier ones by page", async () => {
      const { sid } = await system.current.account.conversations.create();
      for (const [author, body] of [
        ["ann", "One"],
        ["bob", 'Two\n"lines"'],
        ["ann", "Three"],
      ] as const)
        await conversation(sid).messages.create({ author, body });
      const last = await read("history", { conversationSid: sid, limit: "2" });
      expect(last.body).toMatchObject({
        status: "read",
        count: 2,
        text: 'bob: Two\n"lines"\nann: Three',
        isCut: false,
        before: 1,
      });
      expect(messagesOf(last.body)).toMatchObject([
        { index: 1, author: "bob", body: 'Two\n"lines"', media: [], isCut: false },
        { index: 2, author: "ann", body: "Three", sentAt: expect.stringMatching(/^\d{4}-.*Z$/) },
      ]);
      const first = await read("history", { conversationSid: sid, before: Number(last.body.before) });
      expect(first.body).toMatchObject({ count: 1, text: "ann: One", before: null });
      for (const limit of [0, 101, "all"])
        expect(await read("history", { conversationSid: sid, limit })).toMatchObject({
          status: 400,
          body: { field: "limit" },
        });
    });

    it("stays under 64 kB for any messages, and omits none", async () => {
      const { sid } = await system.current.account.conversations.create();
      const bodies = [
        "\u0001".repeat(6_000),
        "😀".repeat(5_000),
        "x".repeat(32_768),
        '"\\'.repeat(2_000),
        "end",
      ];
      for (const body of bodies) await conversation(sid).messages.create({ author: "ann", body });
      const seen: unknown[] = [];
      let before: unknown;
      do {
        const input = { conversationSid: sid, ...(before === undefined ? {} : { before }) };
        const { body } = await read("history", input);
        expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(LARGEST_ANSWER);
        const messages = messagesOf(body);
        for (const { isCut, body } of messages) expect(String(body).endsWith("…")).toBe(isCut);
        seen.unshift(...messages.map(({ index }) => index));
        before = body.before;
      } while (before !== null);
      expect(seen).toEqual([0, 1, 2, 3, 4]);
    });
  });

  describe("participants", () => {
    it("lists the participants", async () => {
      const { whatsappNumber } = system.current.account.emulator;
      const { sid } = await system.current.account.conversations.create();
      await conversation(sid).participants.create({ identity: "alice" });
      await conversation(sid).participants.create({
        "messagingBinding.address": CUSTOMER,
        "messagingBinding.proxyAddress": whatsappNumber,
      });
      const { body } = await read("participants", { conversationSid: sid });
      expect(body).toMatchObject({
        status: "listed",
        total: 2,
        chatUsers: 1,
        people: 1,
        identities: "alice",
        addresses: CUSTOMER,
        after: null,
      });
      expect(JSON.parse(String(body.participants))).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ identity: "alice", address: null, lastRead: null }),
          expect.objectContaining({ identity: null, address: CUSTOMER, proxyAddress: whatsappNumber }),
        ]),
      );
    });

    it("returns many in pages, each once", async () => {
      const { sid } = await system.current.account.conversations.create();
      const identities = Array.from({ length: 100 }, (_, i) => `${"😀".repeat(60)}${i}`);
      await Promise.all(identities.map((identity) => conversation(sid).participants.create({ identity })));
      const seen: string[] = [];
      let after: unknown;
      do {
        const input = { conversationSid: sid, ...(after === undefined ? {} : { after }) };
        const { body } = await read("participants", input);
        expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(LARGEST_ANSWER);
        expect(body.total).toBe(100);
        seen.push(...String(body.identities).split(","));
        after = body.after;
      } while (after !== null);
      expect(seen.sort()).toEqual(identities.sort());
    });
  });
});
