import { describe, expect, it } from "vitest";
import { ADD_WEBHOOK, DONE_BUT_FAILED } from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

const [ANN, BOB, AGENT] = ["+15558675310", "+15558675311", "+15558675399"];

describe.each(platforms)("conversations/transfer on $name", (platform) => {
  const system = useSystem(platform);
  const create = async () => (await system.current.account.conversations.create()).sid;
  const participantsOf = (sid: string) => system.current.account.conversations(sid).participants;
  const identitiesIn = async (sid: string) =>
    (await participantsOf(sid).list()).flatMap(({ identity }) => identity ?? []).sort();
  const flowSid = (digit: string) => `FW${digit.repeat(32)}`;
  const transfer = (conversationSid: string, input: object) =>
    system.current.call("/conversations/transfer", { conversationSid, ...input });

  it("adds the new agent and removes the old one, once", async () => {
    const sid = await create();
    await participantsOf(sid).create({ identity: "alice" });
    const input = { fromIdentity: "alice", toIdentity: "bob" };
    expect((await transfer(sid, input)).body).toEqual({
      status: "transferred",
      conversationSid: sid,
      added: true,
      removed: true,
    });
    expect((await transfer(sid, input)).body).toMatchObject({ status: "unchanged" });
    const { smsNumber: toProxyAddress } = system.current.account.emulator;
    const phone = { fromIdentity: "bob", toAddress: AGENT, toProxyAddress };
    expect((await transfer(sid, phone)).body).toMatchObject({ status: "transferred" });
    expect(await identitiesIn(sid)).toEqual([]);
    expect((await transfer(sid, { fromAddress: AGENT, toIdentity: "carol" })).body.removed).toBe(true);
    expect(await identitiesIn(sid)).toEqual(["carol"]);
  });

  it("transfers from a flow to an agent, and back", async () => {
    const sid = await create();
    const { webhooks } = system.current.account.conversations(sid);
    await webhooks.create({ target: "studio", "configuration.flowSid": flowSid("1") });
    const toAgent = { fromFlowSid: flowSid("1"), toIdentity: "alice" };
    expect((await transfer(sid, toAgent)).body).toMatchObject({ status: "transferred" });
    expect(await webhooks.list()).toEqual([]);
    await system.current.injectOnce(ADD_WEBHOOK, DONE_BUT_FAILED);
    await transfer(sid, { fromIdentity: "alice", toFlowSid: flowSid("2"), replayAfter: 0 });
    expect(await webhooks.list()).toMatchObject([{ configuration: { flow_sid: flowSid("2") } }]);
    expect(await identitiesIn(sid)).toEqual([]);
  });

  it("transfers the projected address of a group text", async () => {
    const sid = await create();
    const { smsNumber } = system.current.account.emulator;
    await participantsOf(sid).create({ identity: "alice", "messagingBinding.projectedAddress": smsNumber });
    for (const address of [ANN, BOB])
      await participantsOf(sid).create({ "messagingBinding.address": address });
    expect((await transfer(sid, { fromIdentity: "alice", toIdentity: "bob" })).body).toMatchObject({
      status: "transferred",
    });
    expect(await identitiesIn(sid)).toEqual(["bob"]);
  });

  it("keeps the old agent when the new one cannot be added", async () => {
    const sid = await create();
    await participantsOf(sid).create({ identity: "alice" });
    const input = { fromIdentity: "alice", toAddress: AGENT, toProxyAddress: "+15017122660" };
    expect(await transfer(sid, input)).toMatchObject({ status: 400, body: { field: "toProxyAddress" } });
    expect(await identitiesIn(sid)).toEqual(["alice"]);
  });

  it.each([
    [{ toIdentity: "bob" }, "fromIdentity"],
    [{ fromIdentity: "bob" }, "toIdentity"],
    [{ fromIdentity: "bob", toIdentity: "alice", toFlowSid: flowSid("1") }, "toIdentity"],
    [{ fromIdentity: "bob", toAddress: ANN }, "toProxyAddress"],
  ])("requires exactly one way to name each participant: %j", async (input, field) => {
    expect(await transfer(await create(), input)).toMatchObject({ status: 400, body: { field } });
  });
});
