import { describe, expect, it } from "vitest";
import { ADD_PARTICIPANT, ANSWER_LOST, failed, UPDATE_PARTICIPANT } from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { type System, useSystem } from "../../support/system.ts";

const ANN = "+15558675310";
const BOB = "+15558675311";
const SECOND = "+15017122662";

/** "Group Texting in Conversations", Scenario 1, up to Step 4: an agent and the first homebuyer. */
async function journey(system: System) {
  const { account } = system;
  await account.control("POST", "/numbers", { address: SECOND });
  const conversation = await account.conversation({ friendlyName: "Home-buying journey" });
  const { sid } = await conversation.fetch();
  await conversation.participants.create({
    identity: "realEstateAgent",
    "messagingBinding.projectedAddress": account.emulator.smsNumber,
  });
  await conversation.participants.create({ "messagingBinding.address": ANN });
  return { conversation, sid };
}

describe.each(platforms)("group-mms/add-participant on $name", (platform) => {
  const current = useSystem(platform);
  const add = (sid: string, input: object) =>
    current.current.call("/group-mms/add-participant", { conversationSid: sid, ...input });

  it("turns a conversation of two into a group text", async () => {
    const system = current.current;
    const { conversation, sid } = await journey(system);
    expect(await add(sid, { address: BOB })).toMatchObject({
      status: 201,
      body: {
        status: "added",
        conversationSid: sid,
        participantSid: expect.stringMatching(/^MB/),
        members: 3,
      },
    });
    await conversation.messages.create({ author: "realEstateAgent", body: "Glad you could join us" });
    await system.settle();
    expect(await system.account.inbox(BOB)).toMatchObject([
      { recipients: [ANN], body: "Glad you could join us" },
    ]);
    await system.account.send(BOB, "", { to: [ANN, system.account.emulator.smsNumber], body: "Thank you" });
    expect((await conversation.messages.list()).map(({ author }) => author)).toEqual([
      "realEstateAgent",
      BOB,
    ]);
  });

  it("adds a chat user behind a number, and a number with nobody behind it", async () => {
    const { conversation, sid } = await journey(current.current);
    const third = "+15017122663";
    await current.current.account.control("POST", "/numbers", { address: third });
    expect(await add(sid, { projectedAddress: SECOND, identity: "assistant" })).toMatchObject({
      status: 201,
    });
    expect(await add(sid, { projectedAddress: third })).toMatchObject({ status: 201, body: { members: 4 } });
    const participants = await conversation.participants.list();
    expect(participants.map(({ identity }) => identity)).toEqual([
      "realEstateAgent",
      null,
      "assistant",
      null,
    ]);
  });

  it("answers who is there already, and never puts two behind one number", async () => {
    const { sid } = await journey(current.current);
    const { smsNumber } = current.current.account.emulator;
    expect(await add(sid, { address: ANN })).toMatchObject({
      status: 200,
      body: { status: "existing", members: 2 },
    });
    expect(await add(sid, { projectedAddress: smsNumber, identity: "realEstateAgent" })).toMatchObject({
      body: { status: "existing" },
    });
    expect(await add(sid, { projectedAddress: smsNumber, identity: "another" })).toMatchObject({
      status: 409,
      body: { code: "number_taken", field: "projectedAddress" },
    });
  });

  it("adds somebody once when the answer is lost", async () => {
    const system = current.current;
    const { conversation, sid } = await journey(system);
    await system.injectOnce(ADD_PARTICIPANT, ANSWER_LOST);
    expect(await add(sid, { address: BOB })).toMatchObject({ status: 201, body: { status: "added" } });
    expect(await conversation.participants.list()).toHaveLength(3);
  });

  it("says which conversation has exactly these numbers already", async () => {
    const system = current.current;
    const { sid } = await journey(system);
    await add(sid, { address: BOB });
    const other = await system.account.conversation();
    const { sid: otherSid } = await other.fetch();
    await other.participants.create({ "messagingBinding.address": ANN });
    await other.participants.create({ "messagingBinding.address": BOB });
    expect(await add(otherSid, { projectedAddress: system.account.emulator.smsNumber })).toMatchObject({
      status: 409,
      body: { code: "group_exists", conversationSid: sid },
    });
  });

  it("refuses a conversation whose people write through a proxy address, and says the way out", async () => {
    const system = current.current;
    const conversation = await system.account.conversation();
    const { sid } = await conversation.fetch();
    await conversation.participants.create({
      "messagingBinding.address": ANN,
      "messagingBinding.proxyAddress": system.account.emulator.smsNumber,
    });
    expect(await add(sid, { address: BOB })).toMatchObject({
      status: 409,
      body: {
        code: "not_a_group_text",
        message: expect.stringContaining("conversations/remove-participant"),
      },
    });
  });

  it("refuses the eleventh member", async () => {
    const { conversation, sid } = await journey(current.current);
    for (let i = 0; i < 8; i += 1)
      await conversation.participants.create({ "messagingBinding.address": `+1555867540${i}` });
    expect(await add(sid, { address: BOB })).toMatchObject({ status: 409, body: { code: "group_full" } });
  });

  it.each([
    ["nobody", {}, "address"],
    ["two at once", { address: ANN, projectedAddress: SECOND }, "address"],
    ["a person with an identity", { address: ANN, identity: "ann" }, "projectedAddress"],
    ["an empty identity", { projectedAddress: SECOND, identity: "" }, "identity"],
    ["a toll-free number", { address: "+18005550100" }, "address"],
    ["a number that is not the account's", { projectedAddress: "+15017122669" }, "projectedAddress"],
  ])("refuses %s", async (_what, input, field) => {
    const { sid } = await journey(current.current);
    const { status, body } = await add(sid, input);
    expect({ status, field: body.field }).toEqual({ status: 400, field });
  });
});

describe.each(platforms)("group-mms/transfer on $name", (platform) => {
  const current = useSystem(platform);
  const transfer = (sid: string, identity?: string, projectedAddress?: string) => {
    const system = current.current;
    return system.call("/group-mms/transfer", {
      conversationSid: sid,
      projectedAddress: projectedAddress ?? system.account.emulator.smsNumber,
      ...(identity === undefined ? { toNobody: "true" } : { identity }),
    });
  };
  /** Who is behind the account's number. */
  async function holder(conversation: Awaited<ReturnType<typeof journey>>["conversation"]) {
    const participants = await conversation.participants.list();
    return participants.find(({ messagingBinding }) => messagingBinding.projected_address)?.identity;
  }

  it("hands the number to another chat user, and the people see the same number", async () => {
    const system = current.current;
    const { conversation, sid } = await journey(system);
    expect(await transfer(sid, "supervisor")).toMatchObject({
      status: 200,
      body: {
        status: "transferred",
        conversationSid: sid,
        participantSid: expect.stringMatching(/^MB/),
        identity: "supervisor",
        previousIdentity: "realEstateAgent",
      },
    });
    await conversation.messages.create({ author: "supervisor", body: "I take it from here" });
    await system.settle();
    expect(await system.account.inbox(ANN)).toMatchObject([
      { from: system.account.emulator.smsNumber, body: "I take it from here" },
    ]);
    expect(await transfer(sid, "supervisor")).toMatchObject({ body: { status: "unchanged" } });
  });

  it("hands it to nobody, and back", async () => {
    const { conversation, sid } = await journey(current.current);
    expect(await transfer(sid)).toMatchObject({ body: { status: "transferred", identity: null } });
    expect(await holder(conversation)).toBeNull();
    expect(await transfer(sid)).toMatchObject({ body: { status: "unchanged" } });
    expect(await transfer(sid, "realEstateAgent")).toMatchObject({ body: { previousIdentity: null } });
    expect(await holder(conversation)).toBe("realEstateAgent");
  });

  it("hands it to nobody only where that is said", async () => {
    const system = current.current;
    const { conversation, sid } = await journey(system);
    const number = { conversationSid: sid, projectedAddress: system.account.emulator.smsNumber };
    for (const who of [{}, { identity: "" }, { toNobody: false }, { identity: "bob", toNobody: true }]) {
      expect(await system.call("/group-mms/transfer", { ...number, ...who })).toMatchObject({
        status: 400,
        body: { code: "invalid_input", field: "identity" },
      });
    }
    expect(await holder(conversation)).toBe("realEstateAgent");
  });

  it("hands it over although answers are lost", async () => {
    const system = current.current;
    const { conversation, sid } = await journey(system);
    // The answer to giving the number, and the one to taking it away before.
    await system.injectOnce({ ...UPDATE_PARTICIPANT, parameters: { Identity: "supervisor" } }, ANSWER_LOST);
    await system.injectOnce(UPDATE_PARTICIPANT, ANSWER_LOST);
    expect(await transfer(sid, "supervisor")).toMatchObject({ status: 200, body: { status: "transferred" } });
    expect(await holder(conversation)).toBe("supervisor");
  });

  it("gives it back when the other cannot have it", async () => {
    const system = current.current;
    const { conversation, sid } = await journey(system);
    await conversation.participants.create({
      identity: "assistant",
      "messagingBinding.projectedAddress": SECOND,
    });
    expect(await transfer(sid, "assistant")).toMatchObject({ status: 409, body: { field: "identity" } });
    expect(await holder(conversation)).toBe("realEstateAgent");
  });

  it("does not say that nobody is there when only the answer to giving it back was lost", async () => {
    const system = current.current;
    const { conversation, sid } = await journey(system);
    const giving = (Identity: string) => ({ ...UPDATE_PARTICIPANT, parameters: { Identity } });
    await system.inject(giving("supervisor"), failed(503));
    await system.injectOnce(giving("realEstateAgent"), ANSWER_LOST);
    expect(await transfer(sid, "supervisor")).toMatchObject({
      status: 502,
      body: { code: "upstream_failed" },
    });
    expect(await holder(conversation)).toBe("realEstateAgent");
  });

  it("says so when nobody is behind the number in the end", async () => {
    const system = current.current;
    const { conversation, sid } = await journey(system);
    for (const Identity of ["supervisor", "realEstateAgent"])
      await system.inject({ ...UPDATE_PARTICIPANT, parameters: { Identity } }, failed(503));
    expect(await transfer(sid, "supervisor")).toMatchObject({
      status: 502,
      body: { code: "left_without_identity", conversationSid: sid },
    });
    expect(await holder(conversation)).toBeNull();
  });

  it("lets one of two at the same instant win, and loses nobody", async () => {
    const { conversation, sid } = await journey(current.current);
    const answers = await Promise.all([transfer(sid, "one"), transfer(sid, "two")]);
    expect(["one", "two"]).toContain(await holder(conversation));
    for (const { status, body } of answers) {
      if (status !== 200)
        expect({ status, code: body.code }).toEqual({ status: 409, code: "transferred_meanwhile" });
    }
  });

  it("knows no number that is not in the group, and no conversation that is not there", async () => {
    const { sid } = await journey(current.current);
    expect(await transfer(sid, "agent", SECOND)).toMatchObject({
      status: 404,
      body: { code: "projected_address_not_found", field: "projectedAddress" },
    });
    expect(await transfer(`CH${"0".repeat(32)}`, "agent")).toMatchObject({
      status: 404,
      body: { field: "conversationSid" },
    });
  });
});
