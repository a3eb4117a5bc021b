import { describe, expect, it } from "vitest";
import { conversationCalls } from "../../support/conversations.ts";
import { ADD_PARTICIPANT, EFFECTS } from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

describe.each(platforms)("conversations/add-participant on $name", (platform) => {
  const system = useSystem(platform);
  const { call, create, conversation } = conversationCalls(system);

  const sms = () => ({ address: "+15558675310", proxyAddress: system.current.account.emulator.smsNumber });

  it.each([
    ["a chat user", () => ({ identity: "alice", attributes: { team: "blue" } })] as const,
    ["a person", sms] as const,
  ])("adds %s, and returns it as existing the second time", async (_who, input) => {
    const sid = await create();
    const first = await call("add-participant", { conversationSid: sid, ...input() });
    const second = await call("add-participant", { conversationSid: sid, ...input() });
    expect(first).toMatchObject({ status: 201, body: { status: "added", conversationSid: sid } });
    expect(second).toMatchObject({
      status: 200,
      body: { status: "existing", participantSid: first.body.participantSid },
    });
    expect(await conversation(sid).participants.list()).toHaveLength(1);
  });

  it.each(EFFECTS)("adds the participant once despite a fault (%j)", async (effect) => {
    const sid = await create();
    await system.current.injectOnce(ADD_PARTICIPANT, effect);
    expect((await call("add-participant", { conversationSid: sid, ...sms() })).status).toBe(201);
    expect(await conversation(sid).participants.list()).toHaveLength(1);
  });

  it("answers 409 for an address pair in another conversation, and names that conversation", async () => {
    const [one, two] = [await create(), await create()];
    await call("add-participant", { conversationSid: one, ...sms() });
    const answer = await call("add-participant", { conversationSid: two, ...sms() });
    expect(answer).toMatchObject({ status: 409, body: { code: "pair_already_bound", field: "address" } });
    expect(answer.body.message).toContain(one);
  });

  it.each([
    [{}, "identity"],
    [{ identity: "alice", address: "+15558675310", proxyAddress: "+15017122661" }, "identity"],
    [{ address: "+15558675310" }, "proxyAddress"],
    [{ address: "5558675310", proxyAddress: "+15017122661" }, "address"],
    [{ address: "+15558675310", proxyAddress: "+15005550006" }, "proxyAddress"],
    [{ identity: "alice", attributes: "[]" }, "attributes"],
    [{ identity: "alice", attributes: ["blue"] }, "attributes"],
  ])("names the invalid field in %j", async (input, field) => {
    const sid = await create();
    expect(await call("add-participant", { conversationSid: sid, ...input })).toMatchObject({
      status: 400,
      body: { field },
    });
    expect(await conversation(sid).participants.list()).toEqual([]);
  });
});
