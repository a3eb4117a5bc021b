import { describe, expect, it } from "vitest";
import { conversationCalls } from "../../support/conversations.ts";
import { EFFECTS, UPDATE_CONVERSATION } from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

describe.each(platforms)("conversations/close on $name", (platform) => {
  const system = useSystem(platform);
  const { call, create, conversation } = conversationCalls(system);

  const CLOSE = { ...UPDATE_CONVERSATION, parameters: { State: "closed" } };

  it("closes, and a second call returns the same without a change", async () => {
    const sid = await create();
    expect(await call("close", { conversationSid: sid })).toMatchObject({
      status: 200,
      body: { status: "closed", changed: true },
    });
    expect(await call("close", { conversationSid: sid })).toMatchObject({
      status: 200,
      body: { status: "closed", changed: false },
    });
    expect((await conversation(sid).fetch()).state).toBe("closed");
  });

  it.each(EFFECTS)("closes despite a fault (%j)", async (effect) => {
    const sid = await create();
    await system.current.injectOnce(CLOSE, effect);
    expect((await call("close", { conversationSid: sid })).body.status).toBe("closed");
    expect((await conversation(sid).fetch()).state).toBe("closed");
  });
});
