import { describe, expect, it } from "vitest";
import { conversationCalls } from "../../support/conversations.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

describe.each(platforms)("conversations/detach-webhooks on $name", (platform) => {
  const system = useSystem(platform);
  const { call, create, conversation } = conversationCalls(system);

  const flowSid = `FW${"1".repeat(32)}`;

  it("detaches a flow, and reports none the second time", async () => {
    const sid = await create();
    await call("attach-studio", { conversationSid: sid, flowSid });
    expect((await call("detach-webhooks", { conversationSid: sid, flowSid })).body).toMatchObject({
      status: "detached",
      removed: 1,
    });
    expect((await call("detach-webhooks", { conversationSid: sid, flowSid })).body).toMatchObject({
      status: "detached",
      removed: 0,
    });
    expect(await conversation(sid).webhooks.list()).toEqual([]);
  });

  it("detaches only the named webhooks", async () => {
    const sid = await create();
    const { webhooks } = conversation(sid);
    const hook = (path: string) =>
      webhooks.create({
        target: "webhook",
        "configuration.url": `https://example.com/${path}`,
        "configuration.filters": ["onMessageAdded"],
      });
    const [one, two, three] = [await hook("a"), await hook("b"), await hook("c")];
    await call("attach-studio", { conversationSid: sid, flowSid });
    await call("detach-webhooks", { conversationSid: sid, webhookSid: one.sid });
    await call("detach-webhooks", { conversationSid: sid, url: "https://example.com/b" });
    await call("detach-webhooks", { conversationSid: sid, target: "studio" });
    expect((await webhooks.list()).map(({ sid }) => sid)).toEqual([three.sid]);
    expect(two.sid).not.toBe(three.sid);
  });

  it("requires a selection of webhooks", async () => {
    expect(await call("detach-webhooks", { conversationSid: await create() })).toMatchObject({
      status: 400,
      body: { field: "webhookSid" },
    });
  });
});
