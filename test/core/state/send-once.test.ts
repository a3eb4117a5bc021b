import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Call } from "../../../core/call.ts";
import { createLog } from "../../../core/log.ts";
import { findSent, isSentFor, type SendContext, sendOnce } from "../../../core/state/send-once.ts";
import { conversations as resource } from "../../../core/twilio/conversations.ts";
import { startEmulator } from "../../../emulator/emulator.ts";
import { TestAccount } from "../../emulator/support/emulator.ts";
import { ANSWER_LOST, DONE_BUT_FAILED, failed } from "../../support/faults.ts";
import { stateOf } from "../../support/state.ts";

const KEY = { purpose: "by-caller", key: "order-7" };

describe("sendOnce", () => {
  let account: TestAccount;
  beforeAll(async () => {
    account = new TestAccount(await startEmulator({ clock: "manual", startTime: Date.now() }));
  });
  afterAll(() => account.close());
  beforeEach(() => account.emulator.reset());

  /** An open conversation as one call sees it. */
  async function begin(): Promise<SendContext> {
    const { accountSid, authToken, url } = account.emulator;
    const environment = { ACCOUNT_SID: accountSid, AUTH_TOKEN: authToken, TWILIO_BASE_URL: url };
    const call = new Call("r1", Date.now() + 20_000);
    const log = createLog(() => undefined, {});
    const { sid } = await account.conversations.create();
    const conversation = resource.open(environment)(call, log)(sid);
    return {
      state: stateOf("a secret of the deployment"),
      conversation,
      conversationSid: sid as SendContext["conversationSid"],
      call,
    };
  }
  const bodies = async ({ conversationSid }: SendContext) =>
    (await account.conversations(conversationSid).messages.list()).map(({ body }) => body);

  it("sends a message once for a key, with the other attributes beside the record", async () => {
    const context = await begin();
    const first = await sendOnce(context, KEY, { body: "one" }, { attributes: { mood: "good" } });
    expect(first.status).toBe("sent");
    expect(JSON.parse(first.message.attributes)).toEqual({ mood: "good", parley: expect.any(String) });
    const second = await sendOnce(context, KEY, { body: "two" });
    expect(second).toMatchObject({ status: "existing", message: { sid: first.message.sid } });
    expect(await findSent(context, KEY)).toMatchObject({ sid: first.message.sid });
    expect(await bodies(context)).toEqual(["one"]);
  });

  it("sends again for another key, purpose or conversation", async () => {
    const context = await begin();
    await sendOnce(context, KEY, { body: "one" });
    for (const other of [
      { ...KEY, key: "order-8" },
      { ...KEY, purpose: "greeting" },
    ]) {
      expect(await findSent(context, other)).toBeUndefined();
      expect((await sendOnce(context, other, { body: other.purpose })).status).toBe("sent");
    }
    expect(await bodies(context)).toEqual(["one", "by-caller", "greeting"]);
    expect((await sendOnce(await begin(), KEY, { body: "one" })).status).toBe("sent");
  });

  it("does not look for an earlier message when the key is new", async () => {
    const context = await begin();
    await sendOnce(context, KEY, { body: "one" });
    expect((await sendOnce(context, KEY, { body: "two" }, { isNew: true })).status).toBe("sent");
  });

  it("recognizes the message of an author, and no copy of its record by another one", async () => {
    const context = await begin();
    const { state, conversation } = context;
    const { message } = await sendOnce(context, KEY, { body: "one", author: "alice" });
    expect(isSentFor(state, "by-caller", message)).toBe(true);
    expect(isSentFor(state, "by", message)).toBe(false);
    const copy = { body: "copy", author: "mallory", attributes: message.attributes };
    const copied = await conversation.messages.create(copy);
    expect(isSentFor(state, "by-caller", copied)).toBe(false);
    expect(isSentFor(stateOf("the secret of another deployment"), "by-caller", message)).toBe(false);
    expect(await findSent(context, KEY)).toMatchObject({ sid: message.sid });
    await conversation.messages(message.sid).remove();
    expect(await findSent(context, KEY)).toBeUndefined();
  });

  it.each([
    ["after a later index", (index: number) => index + 1, false],
    ["after the index before", (index: number) => index - 1, true],
    ["after a later time", () => new Date(Date.now() + 1_000_000), false],
    ["after an earlier time", () => new Date(Date.now() - 1_000_000), true],
    ["from the start", () => "start" as const, true],
    ["without a limit", () => undefined, true],
  ])("looks for a message %s", async (_where, afterOf, isFound) => {
    const context = await begin();
    const { conversation } = context;
    await conversation.messages.create({ body: "before" });
    const { message } = await sendOnce(context, KEY, { body: "one" });
    await conversation.messages.create({ body: "later" });
    const after = afterOf(message.index);
    const once = after === undefined ? KEY : { ...KEY, after };
    expect((await findSent(context, once))?.sid).toBe(isFound ? message.sid : undefined);
  });

  it("looks through the messages of a day, and at least the latest hundred", async () => {
    const context = await begin();
    const { conversation } = context;
    const dayOld = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    const { message } = await sendOnce(context, KEY, { body: "one", dateCreated: dayOld(25) });
    for (let index = 0; index < 99; index++) {
      await conversation.messages.create({ body: "more", dateCreated: dayOld(24.5) });
    }
    expect((await findSent(context, KEY))?.sid).toBe(message.sid);
    await conversation.messages.create({ body: "more", dateCreated: dayOld(24.5) });
    expect(await findSent(context, KEY)).toBeUndefined();
    expect((await findSent(context, { ...KEY, after: "start" }))?.sid).toBe(message.sid);
    await conversation.messages.create({ body: "more" });
    expect(await findSent(context, KEY)).toBeUndefined();
  });

  it("looks through all messages of a day, and for one at the start from there", async () => {
    const context = await begin();
    const { conversation } = context;
    const { message } = await sendOnce(context, KEY, { body: "one" });
    for (let index = 0; index < 101; index++) await conversation.messages.create({ body: "more" });
    expect((await findSent(context, KEY))?.sid).toBe(message.sid);
    await account.fault({ on: "request", match: { method: "GET" }, ...failed(404), skip: 1 });
    expect((await findSent(context, { ...KEY, after: "start" }))?.sid).toBe(message.sid);
    await expect(findSent(context, KEY)).rejects.toMatchObject({ status: 404 });
  });

  it.each([ANSWER_LOST, DONE_BUT_FAILED])("finds its message when the answer is %j", async (effect) => {
    const context = await begin();
    await account.fault({ on: "request", match: { method: "POST" }, ...effect, times: 1 });
    expect(await sendOnce(context, KEY, { body: "one" })).toMatchObject({ message: { body: "one" } });
    expect(await bodies(context)).toEqual(["one"]);
  });
});
