import { describe, expect, it } from "vitest";
import { CREATE_CONVERSATION, effectsOf } from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

describe.each(platforms)("conversations/create on $name", (platform) => {
  const system = useSystem(platform);
  const create = (input: object) => system.current.call("/conversations/create", input);
  const conversation = (sid: string) => system.current.account.conversations(sid);
  const attributesOf = async (sid: string): Promise<Record<string, unknown>> =>
    JSON.parse((await conversation(sid).fetch()).attributes);

  const order = { uniqueName: "Order 7 (ü)", friendlyName: "Order 7", attributes: { order: 7 } };

  it("creates one conversation for a unique name, and reports when it has closed since", async () => {
    const first = await create({ ...order, inactive: "PT5M", closed: "1 day" });
    expect(first).toMatchObject({ status: 201, body: { status: "created", state: "active" } });
    const sid = String(first.body.conversationSid);
    expect(await conversation(sid).fetch()).toMatchObject({ friendlyName: "Order 7", state: "active" });
    expect(await attributesOf(sid)).toMatchObject({ order: 7 });
    const again = { status: "existing", conversationSid: sid, uniqueName: order.uniqueName };
    expect(await create(order)).toMatchObject({ status: 200, body: { ...again, state: "active" } });
    await conversation(sid).update({ state: "closed" });
    expect((await create(order)).body).toMatchObject({ ...again, state: "closed" });
  });

  it("creates one conversation for concurrent calls", async () => {
    const answers = await Promise.all([1, 2, 3].map(() => create(order)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    expect(await system.current.account.conversations.list()).toHaveLength(1);
  });

  it.each(effectsOf(CREATE_CONVERSATION))("creates one despite a fault (%j)", async (effect) => {
    await system.current.injectOnce(CREATE_CONVERSATION, effect);
    expect((await create(order)).body).toMatchObject({ status: "created" });
    expect(await system.current.account.conversations.list()).toHaveLength(1);
  });

  it("never reuses a conversation of another creator", async () => {
    const { sid } = await system.current.account.conversations.create({ uniqueName: order.uniqueName });
    expect(await create(order)).toMatchObject({
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
    await create(order);
    await system.current.settle();
    expect(receiver.received).toHaveLength(1);
  });
});
