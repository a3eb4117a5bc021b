import { describe, expect, it } from "vitest";
import { conversationCalls } from "../../support/conversations.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

describe.each(platforms)("conversations/find on $name", (platform) => {
  const system = useSystem(platform);
  const { call, create } = conversationCalls(system);

  const find = (input: object) =>
    system.current.call("/conversations/find", input, { sub: "service", scope: "conversations:read" });

  it("returns the newest open conversation of a person, and a closed one only on request", async () => {
    const { smsNumber } = system.current.account.emulator;
    const add = (sid: string) =>
      call("add-participant", { conversationSid: sid, address: "+15558675310", proxyAddress: smsNumber });
    expect((await find({ address: "+15558675310" })).body).toEqual({ status: "none", open: 0 });
    const old = await create();
    await add(old);
    await call("close", { conversationSid: old });
    expect((await find({ address: "+15558675310" })).body).toMatchObject({ status: "none" });
    expect((await find({ address: "+15558675310", includeClosed: "true" })).body).toMatchObject({
      status: "found",
      conversationSid: old,
      state: "closed",
    });
    await system.current.account.emulator.advance(2_000);
    const current = await create("current");
    await add(current);
    expect((await find({ address: "+1 555 867-5310", includeClosed: true })).body).toMatchObject({
      status: "found",
      conversationSid: current,
      uniqueName: "current",
      state: "active",
      open: 1,
    });
  });

  it("finds a chat user, and requires exactly one search key", async () => {
    const sid = await create();
    await call("add-participant", { conversationSid: sid, identity: "alice" });
    expect((await find({ identity: "alice" })).body).toMatchObject({
      status: "found",
      conversationSid: sid,
    });
    for (const who of [{}, { identity: "alice", address: "+15558675310" }]) {
      expect(await find(who)).toMatchObject({ status: 400, body: { field: "identity" } });
    }
  });
});
