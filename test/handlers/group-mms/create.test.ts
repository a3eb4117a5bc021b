import { describe, expect, it } from "vitest";
import { ANSWER_LOST, CREATE_WITH_PARTICIPANTS, FETCH_CONVERSATION, failed } from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { listen } from "../../support/post-event.ts";
import { type System, useSystem } from "../../support/system.ts";

const ANN = "+15558675310";
const BOB = "+15558675311";
const SECOND = "+15017122662";

/** Two buyers and an agent, with further input. */
function group(system: System, more: object = {}) {
  const { smsNumber } = system.account.emulator;
  const input = { addresses: [ANN, BOB], projectedAddress: smsNumber, identity: "agent", ...more };
  return system.call("/group-mms/create", input);
}

/** Members join with the same delay as at Twilio. */
const joinLate = ({ account }: System) => account.control("POST", "/rules", { joining: 700 });

/** The members' numbers, as Twilio returns them. */
async function numbersIn(system: System, conversationSid: unknown): Promise<(string | undefined)[]> {
  const participants = await system.account.conversations(String(conversationSid)).participants.list();
  return participants.map(
    ({ messagingBinding: { address, projected_address } }) => address ?? projected_address,
  );
}

describe.each(platforms)("group-mms/create on $name", (platform) => {
  const current = useSystem(platform);

  it("creates a group text and delivers the first message to every phone once", async () => {
    const system = current.current;
    await joinLate(system);
    const { smsNumber } = system.account.emulator;
    const { status, body } = await group(system, {
      body: "Welcome, both of you",
      friendlyName: "Elm Street",
    });
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        status: "created",
        conversationSid: expect.stringMatching(/^CH/),
        uniqueName: expect.stringMatching(/^group-/),
        firstMessage: "sent",
      },
    });
    await system.settle();
    expect(await numbersIn(system, body.conversationSid)).toEqual([smsNumber, ANN, BOB]);
    const conversation = system.account.conversations(String(body.conversationSid));
    expect(await conversation.fetch()).toMatchObject({ state: "active", friendlyName: "Elm Street" });
    expect(await conversation.messages.list()).toMatchObject([
      { author: "agent", body: "Welcome, both of you" },
    ]);
    for (const [phone, other] of [
      [ANN, BOB],
      [BOB, ANN],
    ] as const) {
      expect(await system.account.inbox(phone)).toMatchObject([
        { from: smsNumber, recipients: [other], body: "Welcome, both of you" },
      ]);
    }
    // The lock held while sending is removed.
    expect(await system.account.conversations.list()).toHaveLength(1);
  });

  it("sends the first message once, also when webhooks/post-event receives the event that the group is ready", async () => {
    const system = current.current;
    await joinLate(system);
    await listen(system);
    await group(system, { body: "Welcome" });
    await system.settle();
    expect(await system.received(ANN)).toEqual(["Welcome"]);
  });

  it("lets webhooks/post-event send the first message when the group is not ready in time", async () => {
    const system = current.current;
    await listen(system);
    await system.holdWebhooks();
    await system.inject(FETCH_CONVERSATION, failed(503));
    expect(await group(system, { identity: undefined, body: "Welcome" })).toMatchObject({
      status: 202,
      body: { status: "initializing", firstMessage: "waiting" },
    });
    expect(await system.received(ANN)).toEqual([]);
    await system.clearFaults();
    await system.settle();
    expect(await system.received(ANN)).toEqual(["Welcome"]);
  });

  it("reports when Twilio rejects the first message", async () => {
    const system = current.current;
    const { status, body } = await group(system, { mediaSid: `ME${"0".repeat(32)}` });
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { status: "created", firstMessage: "refused" },
    });
    expect(await system.account.conversations.list()).toHaveLength(1);
  });

  it("returns the existing group, in any order of its numbers", async () => {
    const system = current.current;
    const first = await group(system);
    const again = await group(system, {
      addresses: `${BOB}, ${ANN}`,
      body: "Not sent to a group that there was",
    });
    expect(again).toMatchObject({
      status: 200,
      body: { status: "existing", conversationSid: first.body.conversationSid, firstMessage: "none" },
    });
    expect(await system.account.conversations.list()).toHaveLength(1);
    expect(await system.received(ANN)).toEqual([]);
  });

  it("creates one group for two concurrent calls, and no other conversation", async () => {
    const system = current.current;
    await joinLate(system);
    const answers = await Promise.all([group(system, { body: "Hi" }), group(system, { body: "Hi" })]);
    await system.settle();
    expect(new Set(answers.map(({ body }) => body.conversationSid)).size).toBe(1);
    expect(answers.map(({ body }) => body.status).toSorted()).toEqual(["created", "existing"]);
    expect(await system.account.conversations.list()).toHaveLength(1);
    expect(await system.received(ANN)).toEqual(["Hi"]);
  });

  it("creates it once when the answer to the create is lost", async () => {
    const system = current.current;
    await system.injectOnce(CREATE_WITH_PARTICIPANTS, ANSWER_LOST);
    const { body } = await group(system, { body: "Hi" });
    await system.settle();
    expect(body).toMatchObject({ status: "created", firstMessage: "sent" });
    expect(await system.account.conversations.list()).toHaveLength(1);
    expect(await system.received(ANN)).toEqual(["Hi"]);
  });

  it("is safe to repeat under a unique name, also after the group has closed", async () => {
    const system = current.current;
    const first = await group(system, { uniqueName: "elm-street", body: "Hi" });
    const again = await group(system, { uniqueName: "elm-street", body: "Hi" });
    expect(again).toMatchObject({ status: 200, body: { status: "existing" } });
    const conversation = system.account.conversations(String(first.body.conversationSid));
    await conversation.update({ state: "closed" });
    const closed = await group(system, { uniqueName: "elm-street", body: "Hi" });
    expect(closed).toMatchObject({
      status: 200,
      body: { status: "closed", conversationSid: first.body.conversationSid },
    });
    await system.settle();
    expect(await system.received(ANN)).toEqual(["Hi"]);
    expect(await conversation.messages.list()).toHaveLength(1);
  });

  it("rejects a unique name that belongs to another conversation", async () => {
    const system = current.current;
    await system.account.conversations.create({ uniqueName: "elm-street" });
    expect(await group(system, { uniqueName: "elm-street" })).toMatchObject({
      status: 409,
      body: { code: "unique_name_taken", field: "uniqueName" },
    });
  });

  it("accepts several agents and a number of the account without a user, and returns the message's author", async () => {
    const system = current.current;
    const { smsNumber } = system.account.emulator;
    await system.account.control("POST", "/numbers", { address: SECOND });
    const agents = [{ identity: "advisor", projectedAddress: smsNumber }, { projectedAddress: SECOND }];
    const { status, body } = await system.call("/group-mms/create", {
      addresses: ANN,
      agents: JSON.stringify(agents),
      body: "Hello",
      author: SECOND,
    });
    await system.settle();
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { status: "created", firstMessage: "sent" },
    });
    expect(await system.account.inbox(ANN)).toMatchObject([{ from: SECOND, recipients: [smsNumber] }]);
  });

  it.each([
    ["a toll-free number", { addresses: [ANN, "+18005550100"] }, "invalid_input", "addresses.1"],
    ["a short code", { addresses: [ANN, "+12345"] }, "invalid_input", "addresses.1"],
    ["a foreign number", { addresses: [ANN, "+37256123457"] }, "invalid_input", "addresses.1"],
    ["a number of Guam", { addresses: [ANN, "+16715550100"] }, "invalid_input", "addresses.1"],
    ["a number on WhatsApp", { addresses: [ANN, `whatsapp:${BOB}`] }, "invalid_input", "addresses.1"],
    ["a number twice", { addresses: [ANN, BOB, ANN] }, "number_twice", "addresses"],
    ["two members", { addresses: [ANN] }, "too_few_members", "addresses"],
    [
      "eleven members",
      { addresses: Array.from({ length: 10 }, (_, i) => `+1555867540${i}`) },
      "too_many_members",
      "addresses",
    ],
    [
      "no person on a phone",
      { addresses: [], agents: [{ projectedAddress: SECOND }] },
      "invalid_input",
      "addresses",
    ],
    [
      "an identity without a number",
      { projectedAddress: undefined },
      "projected_address_missing",
      "projectedAddress",
    ],
    ["an author from outside", { body: "Hi", author: "somebody" }, "invalid_input", "author"],
    ["text and a template", { body: "Hi", contentSid: `HX${"0".repeat(32)}` }, "invalid_input", "contentSid"],
    ["an unknown template", { contentSid: `HX${"0".repeat(32)}` }, "template_not_found", "contentSid"],
    [
      "a number that is not the account's",
      { projectedAddress: SECOND },
      "invalid_projected_address",
      "projectedAddress",
    ],
  ])("rejects %s before anything is created", async (_what, input, code, field) => {
    const system = current.current;
    const { status, body } = await group(system, input);
    expect({ status, code: body.code, field: body.field }).toEqual({ status: 400, code, field });
    expect(await system.account.conversations.list()).toEqual([]);
  });
});
