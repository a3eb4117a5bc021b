import { describe, expect, it } from "vitest";
import { courierInput, INVITATION, introduce } from "../../../support/courier.ts";
import {
  ADD_PARTICIPANT,
  ADD_WEBHOOK,
  ANSWER_LOST,
  ANY_DELETION,
  CREATE_CONVERSATION,
  DONE_BUT_FAILED,
  failed,
  LOST,
  type Match,
  repeatable,
  SEND_MESSAGE,
  TOO_MANY,
} from "../../../support/faults.ts";
import { platforms } from "../../../support/platforms.ts";
import { COURIER, CUSTOMER, QUICK, type System, useSystem } from "../../../support/system.ts";

const PATH = "/whatsapp/opt-in";

/** Every write of an introduction, with its request. */
const WRITES: readonly [string, Match][] = [
  ["the conversation", CREATE_CONVERSATION],
  ["the invitee", { ...ADD_PARTICIPANT, address: CUSTOMER }],
  ["the inviter", { ...ADD_PARTICIPANT, address: COURIER }],
  ["the webhook", ADD_WEBHOOK],
  ["the invitation", SEND_MESSAGE],
];

const conversationsOf = (system: System) => system.account.conversations.list();

describe.each(platforms)("whatsapp/opt-in with a fault in a request to Twilio, on $name,", (platform) => {
  const system = useSystem(platform, {}, QUICK);

  it.each(WRITES)("creates %s once although the answer is lost", async (_what, match) => {
    await system.current.injectOnce(match, ANSWER_LOST);
    const { status, sid } = await introduce(system.current);
    expect(status).toBe(201);
    expect(await conversationsOf(system.current)).toHaveLength(1);
    const conversation = system.current.account.conversations(sid);
    expect(await conversation.participants.list()).toHaveLength(2);
    expect(await conversation.webhooks.list()).toHaveLength(1);
    expect(await system.current.received(CUSTOMER)).toEqual([INVITATION]);
  });

  it.each(WRITES)("creates %s once although the answer was a 500", async (_what, match) => {
    await system.current.injectOnce(match, DONE_BUT_FAILED);
    expect((await introduce(system.current)).status).toBe(201);
    expect(await conversationsOf(system.current)).toHaveLength(1);
    expect(await system.current.received(CUSTOMER)).toEqual([INVITATION]);
  });

  it.each(repeatable(WRITES))("retries creating %s when the request never arrives", async (_what, match) => {
    await system.current.injectOnce(match, LOST);
    expect((await introduce(system.current)).status).toBe(201);
    expect(await system.current.received(CUSTOMER)).toEqual([INVITATION]);
  });

  it.each(WRITES)("retries creating %s after a 429", async (_what, match) => {
    await system.current.injectOnce(match, TOO_MANY);
    expect((await introduce(system.current)).status).toBe(201);
    expect(await system.current.received(CUSTOMER)).toEqual([INVITATION]);
  });

  it.each(repeatable(WRITES))("undoes everything when Twilio rejects %s", async (_what, match) => {
    await system.current.inject(match, failed(400));
    expect(await introduce(system.current)).toMatchObject({
      status: 400,
      body: { code: "twilio_rejected" },
    });
    expect(await conversationsOf(system.current)).toEqual([]);
    await system.current.clearFaults();
    expect((await introduce(system.current)).status).toBe(201);
  });

  it("reports when it cannot undo its changes", async () => {
    await system.current.inject(ADD_PARTICIPANT, failed(400));
    await system.current.inject(ANY_DELETION, failed());
    const log = system.current.logFromHere();
    const answer = await introduce(system.current);
    const [left] = await conversationsOf(system.current);
    expect(answer).toMatchObject({
      status: 502,
      body: { code: "left_half_made", conversationSid: left?.sid },
    });
    await expect.poll(log).toContain("left_behind");
  });

  it("never exposes the account's credentials when Twilio rejects them", async () => {
    const input = await courierInput(system.current);
    await system.current.inject({}, failed(401));
    const answer = await system.current.call(PATH, input);
    expect(answer).toMatchObject({ status: 500, body: { code: "misconfigured" } });
    expect(JSON.stringify(answer.body)).not.toContain(system.current.account.emulator.apiKeySid);
  });
});
