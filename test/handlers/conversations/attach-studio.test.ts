import { describe, expect, it } from "vitest";
import { conversationCalls } from "../../support/conversations.ts";
import { ADD_WEBHOOK, effectsOf } from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

describe.each(platforms)("conversations/attach-studio on $name", (platform) => {
  const system = useSystem(platform);
  const { call, create, conversation } = conversationCalls(system);

  const flowSid = `FW${"1".repeat(32)}`;

  it("attaches a flow once", async () => {
    const sid = await create();
    const first = await call("attach-studio", { conversationSid: sid, flowSid });
    const second = await call("attach-studio", { conversationSid: sid, flowSid });
    expect(first).toMatchObject({ status: 201, body: { status: "attached" } });
    expect(second).toMatchObject({
      status: 200,
      body: { status: "existing", webhookSid: first.body.webhookSid },
    });
    expect(await conversation(sid).webhooks.list()).toMatchObject([
      { target: "studio", configuration: { flow_sid: flowSid } },
    ]);
  });

  it.each(effectsOf(ADD_WEBHOOK))("attaches it once despite a fault (%j)", async (effect) => {
    const sid = await create();
    await system.current.injectOnce(ADD_WEBHOOK, effect);
    expect((await call("attach-studio", { conversationSid: sid, flowSid })).status).toBe(201);
    expect(await conversation(sid).webhooks.list()).toHaveLength(1);
  });
});
