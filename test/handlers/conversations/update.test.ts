import { describe, expect, it } from "vitest";
import { effectsOf, FETCH_CONVERSATION, UPDATE_CONVERSATION } from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

describe.each(platforms)("conversations/update on $name", (platform) => {
  const system = useSystem(platform);
  const update = (input: object) => system.current.call("/conversations/update", input);
  const create = (input: object) => system.current.call("/conversations/create", input);
  const conversation = (sid: string) => system.current.account.conversations(sid);
  const attributesOf = async (sid: string): Promise<Record<string, unknown>> =>
    JSON.parse((await conversation(sid).fetch()).attributes);

  const newConversation = async (attributes: object = {}) =>
    (await system.current.account.conversations.create({ attributes: JSON.stringify(attributes) })).sid;

  it("renames, merges and moves, and writes nothing that is already so", async () => {
    const sid = await newConversation({ lead: { name: "Ann", draft: true }, kept: [1, 2], gone: 1 });
    const attributes = '{"lead":{"email":"ann@example.com","draft":null},"gone":null,"__proto__":{"x":1}}';
    const changes = { conversationSid: sid, friendlyName: "Lead", attributes, state: "inactive" };
    expect(await update(changes)).toMatchObject({
      status: 200,
      body: { status: "updated", conversationSid: sid, state: "inactive" },
    });
    const found = await conversation(sid).fetch();
    expect(found).toMatchObject({ friendlyName: "Lead", state: "inactive" });
    expect(found.attributes).toBe(
      '{"lead":{"name":"Ann","email":"ann@example.com"},"kept":[1,2],"__proto__":{"x":1}}',
    );
    const before = (await system.current.requests()).filter((one) => one.startsWith("POST"));
    expect((await update(changes)).body).toMatchObject({ status: "unchanged", state: "inactive" });
    const after = (await system.current.requests()).filter((one) => one.startsWith("POST"));
    // Only the lock.
    expect(after.length - before.length).toBe(1);
  });

  it("keeps the records of other endpoints", async () => {
    const { conversationSid } = (await create({ uniqueName: "order-8" })).body;
    const own = { conversationSid, requireOwn: true };
    expect((await update({ ...own, attributes: { vip: true } })).status).toBe(200);
    expect((await update({ ...own, state: "closed" })).body).toMatchObject({ status: "updated" });
    expect((await update({ ...own, state: "closed" })).body).toMatchObject({ status: "unchanged" });
    expect((await create({ uniqueName: "order-8" })).body).toMatchObject({ status: "existing" });
    expect(await update({ conversationSid, attributes: { late: true } })).toMatchObject({
      status: 409,
      body: { code: "conversation_closed" },
    });
  });

  it("loses no change of concurrent calls", async () => {
    const sid = await newConversation();
    const names = ["a", "b", "c"];
    await Promise.all(names.map((name) => update({ conversationSid: sid, attributes: { [name]: 1 } })));
    expect(Object.keys(await attributesOf(sid)).sort()).toEqual(names);
  });

  it("merges again when another program has overwritten the change", async () => {
    const sid = await newConversation({ theirs: 1 });
    // The first read and the one before the merge pass; the one after it is held.
    const letLook = await system.current.holdRequests(
      { ...FETCH_CONVERSATION, conversation: sid },
      { skip: 2, times: 1 },
    );
    const answer = update({ conversationSid: sid, attributes: { ours: 1 } });
    await expect.poll(() => attributesOf(sid)).toHaveProperty("ours");
    await expect.poll(() => system.current.account.injections()).toHaveLength(1);
    await conversation(sid).update({ attributes: '{"theirs":2}' });
    await letLook();
    expect((await answer).body).toMatchObject({ status: "updated" });
    expect(await attributesOf(sid)).toEqual({ theirs: 2, ours: 1 });
  });

  it.each(effectsOf(UPDATE_CONVERSATION))("merges despite a fault (%j)", async (effect) => {
    const sid = await newConversation({ kept: 1 });
    await system.current.injectOnce({ ...UPDATE_CONVERSATION, conversation: sid }, effect);
    expect((await update({ conversationSid: sid, attributes: { a: 1 } })).status).toBe(200);
    expect(await attributesOf(sid)).toEqual({ kept: 1, a: 1 });
  });

  it.each([
    [{}, "friendlyName", "invalid_input"],
    [{ state: "paused" }, "state", "invalid_input"],
    [{ attributes: "[]" }, "attributes", "invalid_input"],
    [{ attributes: { a: "x".repeat(16_384) } }, "attributes", "attributes_too_large"],
    [{ attributes: { a: "x".repeat(12_000) } }, "attributes", "attributes_too_large"],
  ])("rejects invalid changes (%#)", async (changes, field, code) => {
    const sid = await newConversation({ much: "x".repeat(8_000) });
    expect(await update({ conversationSid: sid, ...changes })).toMatchObject({
      status: 400,
      body: { field, code },
    });
  });
});
