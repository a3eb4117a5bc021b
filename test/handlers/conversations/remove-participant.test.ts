import { describe, expect, it } from "vitest";
import { conversationCalls } from "../../support/conversations.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

describe.each(platforms)("conversations/remove-participant on $name", (platform) => {
  const system = useSystem(platform);
  const { call, create, conversation } = conversationCalls(system);

  it("removes by SID, identity or address, and reports an absent participant the second time", async () => {
    const sid = await create();
    const proxyAddress = system.current.account.emulator.smsNumber;
    const bob = await call("add-participant", { conversationSid: sid, identity: "bob" });
    await call("add-participant", { conversationSid: sid, identity: "alice" });
    await call("add-participant", { conversationSid: sid, address: "+15558675310", proxyAddress });
    const ways = [
      { participantSid: bob.body.participantSid },
      { identity: "alice" },
      { address: "+1 555 867 5310" },
    ];
    for (const who of ways) {
      expect((await call("remove-participant", { conversationSid: sid, ...who })).body).toMatchObject({
        status: "removed",
      });
      expect((await call("remove-participant", { conversationSid: sid, ...who })).body).toMatchObject({
        status: "absent",
      });
    }
    expect(await conversation(sid).participants.list()).toEqual([]);
  });

  it("requires exactly one way to name the participant", async () => {
    const sid = await create();
    for (const who of [{}, { identity: "alice", address: "+15558675310" }]) {
      expect(await call("remove-participant", { conversationSid: sid, ...who })).toMatchObject({
        status: 400,
        body: { field: "participantSid" },
      });
    }
  });
});
