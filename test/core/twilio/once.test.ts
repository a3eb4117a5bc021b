import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Call } from "../../../core/call.ts";
import { createLog } from "../../../core/log.ts";
import { sidOf } from "../../../core/sid.ts";
import { conversations as resource } from "../../../core/twilio/conversations.ts";
import { fillOrRemove, makeOrFind } from "../../../core/twilio/make-conversation.ts";
import {
  createCarefully,
  OutcomeUnknown,
  searchUntilSettled,
  settlesAtOf,
} from "../../../core/twilio/once.ts";
import { startEmulator } from "../../../emulator/emulator.ts";
import { TestAccount } from "../../emulator/support/emulator.ts";
import { ANSWER_LOST, failed, LOST } from "../../support/faults.ts";

describe("a create whose outcome is unknown", () => {
  let account: TestAccount;
  beforeEach(async () => {
    account = new TestAccount(await startEmulator({ clock: "manual", startTime: Date.now() }));
  });
  afterEach(() => account.close());

  const POST = { on: "request", match: { method: "POST" } };
  function clientsOf(call: Call) {
    const { accountSid, authToken, url } = account.emulator;
    const environment = { ACCOUNT_SID: accountSid, AUTH_TOKEN: authToken, TWILIO_BASE_URL: url };
    return {
      call,
      conversations: resource.open(environment)(
        call,
        createLog(() => undefined, {}),
      ),
    };
  }
  const callFor = (milliseconds: number) => new Call("r1", Date.now() + milliseconds);
  const make = (call: Call) => makeOrFind(clientsOf(call), "order-1", {});
  const rejection = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  it("is repeated until it succeeds where Twilio creates only one", async () => {
    await account.fault({ ...POST, ...failed(), times: 5 });
    const made = await make(callFor(20_000));
    expect((await account.conversations.list()).map(({ sid }) => sid)).toEqual([made?.sid]);
  });

  it("is found where the answer was lost", async () => {
    await account.fault({ ...POST, ...ANSWER_LOST, times: 1 });
    const made = await make(callFor(20_000));
    expect(made?.uniqueName).toBe("order-1");
  });

  it.each([
    ["may be repeated", true, /^Twilio .* Repeat the call after \d+ s/],
    ["must be checked before it is repeated", false, /Check whether it exists before/],
  ])("ends with the call, and the answer says that the call %s", async (_what, mayBeRepeated, advice) => {
    await account.fault({ ...POST, ...failed() });
    const call = callFor(3_000);
    call.mayBeRepeated = mayBeRepeated;
    const error = await rejection(make(call));
    expect(error).toMatchObject({
      status: 504,
      code: "outcome_unknown",
      message: expect.stringMatching(advice),
    });
    expect((error as OutcomeUnknown).retryAfter === undefined).toBe(!mayBeRepeated);
    expect(Date.now()).toBeGreaterThan(call.deadline - 1_000);
  });

  it("is searched for in the reserved time only if nothing needs that", async () => {
    const { sid } = await account.conversations.create({});
    await account.fault({ ...POST, ...LOST });
    const endOf = async (isReserved: boolean) => {
      const call = callFor(3_000);
      if (isReserved) call.reserve();
      const { messages } = clientsOf(call).conversations(sid);
      const create = () => messages.create({ body: "Hello" });
      const error = await rejection(createCarefully({ create, find: async () => undefined, call }));
      expect(error).toBeInstanceOf(OutcomeUnknown);
      return call.deadline === call.end;
    };
    expect(await Promise.all([endOf(true), endOf(false)])).toEqual([false, true]);
  });

  it.each([
    ["complete when its message has appeared", true, "outcome_unknown"],
    ["left incomplete after any other step", false, "left_half_made"],
  ])("leaves a conversation that people write in %s", async (_what, isMessage, code) => {
    const { sid } = await account.conversations.create({});
    await account.conversations(sid).messages.create({ author: "alice", body: "Hello" });
    const call = callFor(5_000);
    const conversation = clientsOf(call).conversations(sid);
    const fill = async () => {
      throw new OutcomeUnknown({ call, find: async () => "there", isMessage }, Date.now());
    };
    const context = { call, log: createLog(() => undefined, {}) };
    expect(await rejection(fillOrRemove(conversation, sidOf("CH", sid), context, fill))).toMatchObject({
      code,
    });
    expect(await account.conversations.list()).toHaveLength(1);
  });

  it("is waited for by a later call until it is taken as lost", async () => {
    const call = callFor(20_000);
    const looks = [undefined, undefined, "there"];
    const find = async () => looks.shift();
    expect(await searchUntilSettled({ find, call }, Date.now() + 5_000)).toBe("there");
    expect(await searchUntilSettled({ find, call }, Date.now() - 1)).toBeUndefined();
    const settlesAt = Date.now() + 60_000;
    const error = await rejection(searchUntilSettled({ find, call: callFor(2_600) }, settlesAt));
    expect(settlesAtOf(new Error("a reaction has failed", { cause: error }))).toBe(settlesAt);
    expect(settlesAtOf(new Error("no"))).toBeUndefined();
  });
});
