import { describe, expect, it } from "vitest";
import { ANSWER_LOST, failed, UPDATE_PARTICIPANT } from "../../support/faults.ts";
import { ANN, groupText, SECOND } from "../../support/group-text.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

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
  async function holder(conversation: Awaited<ReturnType<typeof groupText>>["conversation"]) {
    const participants = await conversation.participants.list();
    return participants.find(({ messagingBinding }) => messagingBinding.projected_address)?.identity;
  }

  it("hands the number to another chat user, and the people see the same number", async () => {
    const system = current.current;
    const { conversation, sid } = await groupText(system);
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
    const { conversation, sid } = await groupText(current.current);
    expect(await transfer(sid)).toMatchObject({ body: { status: "transferred", identity: null } });
    expect(await holder(conversation)).toBeNull();
    expect(await transfer(sid)).toMatchObject({ body: { status: "unchanged" } });
    expect(await transfer(sid, "realEstateAgent")).toMatchObject({ body: { previousIdentity: null } });
    expect(await holder(conversation)).toBe("realEstateAgent");
  });

  it("hands it to nobody only where that is said", async () => {
    const system = current.current;
    const { conversation, sid } = await groupText(system);
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
    const { conversation, sid } = await groupText(system);
    // The answer to giving the number, and the one to taking it away before.
    await system.injectOnce({ ...UPDATE_PARTICIPANT, parameters: { Identity: "supervisor" } }, ANSWER_LOST);
    await system.injectOnce(UPDATE_PARTICIPANT, ANSWER_LOST);
    expect(await transfer(sid, "supervisor")).toMatchObject({ status: 200, body: { status: "transferred" } });
    expect(await holder(conversation)).toBe("supervisor");
  });

  it("gives it back when the other cannot have it", async () => {
    const system = current.current;
    const { conversation, sid } = await groupText(system);
    await conversation.participants.create({
      identity: "assistant",
      "messagingBinding.projectedAddress": SECOND,
    });
    expect(await transfer(sid, "assistant")).toMatchObject({ status: 409, body: { field: "identity" } });
    expect(await holder(conversation)).toBe("realEstateAgent");
  });

  it("does not say that nobody is there when only the answer to giving it back was lost", async () => {
    const system = current.current;
    const { conversation, sid } = await groupText(system);
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
    const { conversation, sid } = await groupText(system);
    for (const Identity of ["supervisor", "realEstateAgent"])
      await system.inject({ ...UPDATE_PARTICIPANT, parameters: { Identity } }, failed(503));
    expect(await transfer(sid, "supervisor")).toMatchObject({
      status: 502,
      body: { code: "left_without_identity", conversationSid: sid },
    });
    expect(await holder(conversation)).toBeNull();
  });

  it("lets one of two at the same instant win, and loses nobody", async () => {
    const { conversation, sid } = await groupText(current.current);
    const answers = await Promise.all([transfer(sid, "one"), transfer(sid, "two")]);
    expect(["one", "two"]).toContain(await holder(conversation));
    for (const { status, body } of answers) {
      if (status !== 200)
        expect({ status, code: body.code }).toEqual({ status: 409, code: "transferred_meanwhile" });
    }
  });

  it("knows no number that is not in the group, and no conversation that is not there", async () => {
    const { sid } = await groupText(current.current);
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
