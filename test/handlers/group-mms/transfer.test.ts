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
  /** The participant with the account's number as projected address. */
  async function holder(conversation: Awaited<ReturnType<typeof groupText>>["conversation"]) {
    const participants = await conversation.participants.list();
    return participants.find(({ messagingBinding }) => messagingBinding.projected_address)?.identity;
  }

  it("transfers the number to another chat user, and the people see the same number", async () => {
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

  it("removes the user from the number, and assigns the number again", async () => {
    const { conversation, sid } = await groupText(current.current);
    expect(await transfer(sid)).toMatchObject({ body: { status: "transferred", identity: null } });
    expect(await holder(conversation)).toBeNull();
    expect(await transfer(sid)).toMatchObject({ body: { status: "unchanged" } });
    expect(await transfer(sid, "realEstateAgent")).toMatchObject({ body: { previousIdentity: null } });
    expect(await holder(conversation)).toBe("realEstateAgent");
  });

  it("removes the user from the number only on explicit request", async () => {
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

  it("transfers the number despite lost answers", async () => {
    const system = current.current;
    const { conversation, sid } = await groupText(system);
    // The answer to assigning the number, and the one to removing it before.
    await system.injectOnce({ ...UPDATE_PARTICIPANT, parameters: { Identity: "supervisor" } }, ANSWER_LOST);
    await system.injectOnce(UPDATE_PARTICIPANT, ANSWER_LOST);
    expect(await transfer(sid, "supervisor")).toMatchObject({ status: 200, body: { status: "transferred" } });
    expect(await holder(conversation)).toBe("supervisor");
  });

  it("restores the old user when the new one cannot be assigned", async () => {
    const system = current.current;
    const { conversation, sid } = await groupText(system);
    await conversation.participants.create({
      identity: "assistant",
      "messagingBinding.projectedAddress": SECOND,
    });
    expect(await transfer(sid, "assistant")).toMatchObject({ status: 409, body: { field: "identity" } });
    expect(await holder(conversation)).toBe("realEstateAgent");
  });

  it("does not report an unassigned number when only the answer to restoring it was lost", async () => {
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

  it("reports when the number ends up without a user", async () => {
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

  it("completes one of two concurrent calls, and loses no participant", async () => {
    const { conversation, sid } = await groupText(current.current);
    const answers = await Promise.all([transfer(sid, "one"), transfer(sid, "two")]);
    expect(["one", "two"]).toContain(await holder(conversation));
    for (const { status, body } of answers) {
      if (status !== 200)
        expect({ status, code: body.code }).toEqual({ status: 409, code: "transferred_meanwhile" });
    }
  });

  it("rejects a number that is not in the group, and an unknown conversation", async () => {
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
