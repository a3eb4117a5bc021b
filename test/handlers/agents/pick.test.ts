import { describe, expect, it } from "vitest";
import { candidatesFor } from "../../../core/agents/choose.ts";
import { RawSdk } from "../../emulator/support/raw-sdk.ts";
import { ADD_PARTICIPANT, effectsOf, UPDATE_PARTICIPANT } from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { listen, sendEvent } from "../../support/post-event.ts";
import { useSystem } from "../../support/system.ts";

const [ANN, BOB, AGENT] = ["+15558675310", "+15558675311", "+15558675399"];
const AGENTS = ["alice", "bob", "carol"];

describe("candidatesFor", () => {
  it("distributes conversations evenly, and always assigns the same agent to each", async () => {
    const agents = AGENTS.map((identity) => ({ identity }));
    const facts = { lastServed: async () => 0, isOnline: async () => true };
    const counts = new Map<unknown, number>();
    for (let number = 0; number < 3_000; number++) {
      const sid = `CH${number.toString(16).padStart(32, "0")}`;
      const [first] = await candidatesFor({ rule: "rotation", agents }, sid, facts);
      expect((await candidatesFor({ rule: "rotation", agents: agents.toReversed() }, sid, facts))[0]).toBe(
        first,
      );
      counts.set(first, (counts.get(first) ?? 0) + 1);
    }
    for (const agent of agents) expect(counts.get(agent)).toBeGreaterThan(900);
  });
});

describe.each(platforms)("the agent of a conversation, on $name", (platform) => {
  const system = useSystem(platform, {
    POST_EVENT_REACTIONS: JSON.stringify({
      newConversation: { agent: { rule: "least-recent", agents: ["alice", "bob"] }, onlySources: ["API"] },
    }),
  });
  const pick = (conversationSid: string, input: object) =>
    system.current.call("/agents/pick", { conversationSid, ...input });
  const create = async () => (await system.current.account.conversations.create()).sid;
  const participantsOf = (sid: string) => system.current.account.conversations(sid).participants;
  const identitiesIn = async (sid: string) =>
    (await participantsOf(sid).list()).flatMap(({ identity }) => identity ?? []).sort();

  describe("agents/pick", () => {
    it("picks the agent whose newest conversation is the oldest, and keeps that choice", async () => {
      const { account } = system.current;
      for (const identity of ["bob", "carol", "alice", "bob"]) {
        await participantsOf(await create()).create({ identity });
        await account.emulator.advance(2_000);
      }
      const sid = await create();
      const input = { agents: "alice, bob,carol", rule: "least-recent" };
      const first = await pick(sid, input);
      expect(first).toMatchObject({
        status: 201,
        body: { status: "added", conversationSid: sid, identity: "carol", address: null },
      });
      await account.emulator.advance(2_000);
      expect(await pick(sid, input)).toMatchObject({
        status: 200,
        body: { status: "existing", identity: "carol" },
      });
      expect((await pick(await create(), input)).body.identity).toBe("alice");
      expect(
        (await pick(await create(), { agents: '["alice","dora"]', rule: "least-recent" })).body.identity,
      ).toBe("dora");
    });

    it("reads at most 250 conversations of each agent", async () => {
      const { account } = system.current;
      const busy = Array.from({ length: 251 }, () =>
        account.client.conversations.v1.conversationWithParticipants.create({
          participant: ['{"identity":"bob"}'],
        }),
      );
      await Promise.all(busy);
      const answer = await pick(await create(), { agents: "bob,alice", rule: "least-recent" });
      expect(answer.body.identity).toBe("alice");
      const reads = (await system.current.requests()).filter((one) => one.includes("Identity=bob"));
      expect(reads).toHaveLength(5);
    });

    it("picks one agent for concurrent calls", async () => {
      const sid = await create();
      const answers = await Promise.all([1, 2, 3].map(() => pick(sid, { agents: AGENTS, rule: "rotation" })));
      expect(new Set(answers.map(({ body }) => body.participantSid)).size).toBe(1);
      expect(await identitiesIn(sid)).toHaveLength(1);
    });

    it.each(effectsOf(ADD_PARTICIPANT))("adds one agent despite a fault (%j)", async (effect) => {
      const sid = await create();
      await system.current.injectOnce(ADD_PARTICIPANT, effect);
      expect((await pick(sid, { agents: "alice" })).body).toMatchObject({ identity: "alice" });
      expect(await identitiesIn(sid)).toEqual(["alice"]);
    });

    it("picks an agent who is online, and reports when none is", async () => {
      const { account } = system.current;
      const sid = await create();
      const input = { agents: AGENTS, rule: "online" };
      expect(await pick(sid, input)).toMatchObject({ status: 200, body: { status: "nobody" } });
      await account.client.conversations.v1
        .services(account.emulator.chatServiceSid)
        .configuration()
        .update({ reachabilityEnabled: true });
      const bob = await RawSdk.open(account, "bob");
      expect((await pick(sid, input)).body).toMatchObject({ status: "added", identity: "bob" });
      bob.close();
    });

    it("picks an available agent on a phone", async () => {
      const { smsNumber: proxyAddress } = system.current.account.emulator;
      const other = "+15017122669";
      await system.current.account.control("POST", "/numbers", { address: other });
      const agents = [
        { address: AGENT, proxyAddress },
        { address: AGENT, proxyAddress: other },
      ];
      const [one, two, three] = [await create(), await create(), await create()];
      expect((await pick(one, { agents })).body).toMatchObject({ address: AGENT, identity: null });
      expect((await pick(one, { agents })).body).toMatchObject({ status: "existing" });
      expect((await pick(two, { agents: JSON.stringify(agents) })).body).toMatchObject({ status: "added" });
      expect((await pick(three, { agents })).body).toEqual({ status: "nobody", conversationSid: three });
    });

    it("assigns a chat user to the projected address of a group text", async () => {
      const { account } = system.current;
      const { smsNumber } = account.emulator;
      const sid = await create();
      await participantsOf(sid).create({ "messagingBinding.projectedAddress": smsNumber });
      for (const address of [ANN, BOB])
        await participantsOf(sid).create({ "messagingBinding.address": address });
      expect((await pick(sid, { agents: [{ address: AGENT, proxyAddress: smsNumber }] })).body).toMatchObject(
        {
          status: "group_text",
        },
      );
      await system.current.injectOnce(UPDATE_PARTICIPANT, { effect: "fail", status: 500, when: "after" });
      expect((await pick(sid, { agents: AGENTS })).body).toMatchObject({
        status: "added",
        identity: "alice",
      });
      expect((await pick(sid, { agents: "bob" })).body).toMatchObject({
        status: "existing",
        identity: "alice",
      });
      const [holder] = (await participantsOf(sid).list()).filter(({ identity }) => identity === "alice");
      expect(holder?.messagingBinding.projected_address).toBe(smsNumber);
    });

    it.each([
      [{ agents: "" }, "agents"],
      [{ agents: "[oops" }, "agents"],
      [{ agents: Array.from({ length: 21 }, (_, i) => `agent-${i}`) }, "agents"],
      [{ agents: "alice", rule: "random" }, "rule"],
      [{ agents: [{ address: ANN }] }, "agents.0"],
    ])("rejects %j", async (input, field) => {
      expect(await pick(await create(), input)).toMatchObject({ status: 400, body: { field } });
    });
  });

  it("webhooks/post-event applies the same rules, and keeps an earlier choice", async () => {
    const { account } = system.current;
    await listen(system.current);
    await participantsOf(await create()).create({ identity: "alice" });
    await account.emulator.advance(2_000);
    const { sid } = await account.conversations.create({ xTwilioWebhookEnabled: "true" });
    await system.current.settle();
    expect(await identitiesIn(sid)).toEqual(["bob"]);
    const picked = await create();
    await pick(picked, { agents: "dora" });
    await sendEvent(system.current, {
      EventType: "onConversationAdded",
      ConversationSid: picked,
      Source: "API",
    });
    expect(await identitiesIn(picked)).toEqual(["dora"]);
  });
});
