import { describe, expect, it } from "vitest";
import { ADD_PARTICIPANT, ANSWER_LOST } from "../../support/faults.ts";
import { ANN, BOB, groupText, SECOND } from "../../support/group-text.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

describe.each(platforms)("group-mms/add-participant on $name", (platform) => {
  const current = useSystem(platform);
  const add = (sid: string, input: object) =>
    current.current.call("/group-mms/add-participant", { conversationSid: sid, ...input });

  it("turns a conversation of two people into a group text", async () => {
    const system = current.current;
    const { conversation, sid } = await groupText(system);
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

  it("adds a chat user with a projected address, and a projected address without a user", async () => {
    const { conversation, sid } = await groupText(current.current);
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

  it("returns an existing participant, and never assigns two to one number", async () => {
    const { sid } = await groupText(current.current);
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

  it("adds a participant once when the answer is lost", async () => {
    const system = current.current;
    const { conversation, sid } = await groupText(system);
    await system.injectOnce(ADD_PARTICIPANT, ANSWER_LOST);
    expect(await add(sid, { address: BOB })).toMatchObject({ status: 201, body: { status: "added" } });
    expect(await conversation.participants.list()).toHaveLength(3);
  });

  it("names the conversation that already has exactly these numbers", async () => {
    const system = current.current;
    const { sid } = await groupText(system);
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

  it("rejects a conversation whose participants have a proxy address, and explains what to do", async () => {
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

  it("rejects the eleventh member", async () => {
    const { conversation, sid } = await groupText(current.current);
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
  ])("rejects %s", async (_what, input, field) => {
    const { sid } = await groupText(current.current);
    const { status, body } = await add(sid, input);
    expect({ status, field: body.field }).toEqual({ status: 400, field });
  });
});
