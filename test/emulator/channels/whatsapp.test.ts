import { describe, expect, it } from "vitest";
import { type TestAccount, useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const person = "whatsapp:+15558675311";
const hours = 60 * 60 * 1000;
const quickReply = { "twilio/quick-reply": { body: "Chat with {{1}}?", actions: [{ title: "Yes, {{1}}" }] } };

async function conversationWith(account: TestAccount) {
  const conversation = await account.conversation();
  await conversation.participants.create({
    "messagingBinding.address": person,
    "messagingBinding.proxyAddress": account.emulator.whatsappNumber,
  });
  /** Sends a message and returns its outcome: "delivered", or the error code. */
  const send = async (params: { body?: string; contentSid?: string; contentVariables?: string }) => {
    const { sid } = await conversation.messages.create(params);
    await account.emulator.settle();
    const [receipt] = await conversation.messages(sid).deliveryReceipts.list();
    return receipt?.status === "undelivered" ? receipt.errorCode : receipt?.status;
  };
  return { conversation, send };
}

describe("the 24-hour window", () => {
  it("allows free text for 24 hours after each message of the person", async () => {
    const account = fixture.current;
    const { send } = await conversationWith(account);
    expect(await send({ body: "cold" })).toBe(63016);
    await account.send(person, account.emulator.whatsappNumber, "Hi");
    expect(await send({ body: "warm" })).toBe("delivered");
    await account.emulator.advance(23 * hours);
    await account.send(person, account.emulator.whatsappNumber, "Still here");
    await account.emulator.advance(24 * hours - 1000);
    expect(await send({ body: "just in time" })).toBe("delivered");
    await account.emulator.advance(1000);
    expect(await send({ body: "too late" })).toBe(63016);
    const shown = (await account.inbox(person)).filter(({ direction }) => direction === "in");
    expect(shown.map(({ body }) => body)).toEqual(["warm", "just in time"]);
  });

  it("is also opened by a message that no conversation receives", async () => {
    const account = fixture.current;
    await account.send(person, account.emulator.whatsappNumber, "Hi");
    const { send } = await conversationWith(account);
    expect(await send({ body: "warm" })).toBe("delivered");
  });

  it("is open for one sender and not for another", async () => {
    const account = fixture.current;
    const other = "whatsapp:+14155238887";
    await account.control("POST", "/numbers", { address: other });
    await account.send(person, other, "Hi");
    const { send } = await conversationWith(account);
    expect(await send({ body: "cold" })).toBe(63016);
  });
});

describe("templates outside the window", () => {
  it.each([
    [undefined, 63016],
    ["received", 63016],
    ["pending", 63016],
    ["approved", "delivered"],
    ["rejected", 63040],
    ["paused", 63041],
    ["disabled", 63042],
  ])("with the status %s: %s", async (status, outcome) => {
    const account = fixture.current;
    const { send } = await conversationWith(account);
    const contentSid = await account.template(quickReply, status);
    expect(await send({ contentSid, contentVariables: '{"1":"Bob"}' })).toBe(outcome);
    expect(await account.inbox(person)).toHaveLength(outcome === "delivered" ? 1 : 0);
  });

  it.each([
    [undefined, 63028],
    ["{}", 63028],
    ['{"1":"a","2":"b"}', 63028],
    ['{"2":"b"}', 63028],
    ['{"1":"a"}', "delivered"],
  ])("with the variables %s: %s", async (contentVariables, outcome) => {
    const account = fixture.current;
    const { send } = await conversationWith(account);
    const contentSid = await account.template(quickReply, "approved");
    expect(
      await send(contentVariables === undefined ? { contentSid } : { contentSid, contentVariables }),
    ).toBe(outcome);
  });

  it("take their default values when no variables are given", async () => {
    const account = fixture.current;
    const { send } = await conversationWith(account);
    const contentSid = await account.template(quickReply, "approved", { 1: "somebody" });
    expect(await send({ contentSid })).toBe("delivered");
    expect(await account.inbox(person)).toMatchObject([
      { body: "Chat with somebody?", buttons: ["Yes, somebody"] },
    ]);
  });
});

describe("a template's variables and text", () => {
  const news = { "twilio/text": { body: "News for you: {{1}} Bye." } };

  it.each(["first\n\nsecond", "a\r\nb", "a\tb", "a     b", "", "  "])(
    "%j is not delivered",
    async (value) => {
      const account = fixture.current;
      const { send } = await conversationWith(account);
      const contentSid = await account.template(news, "approved");
      expect(await send({ contentSid, contentVariables: JSON.stringify({ 1: value }) })).toBe(63013);
    },
  );

  it.each(['I\'m "quoted" <b> & co', "\u{1F600} caf\u00e9", "a    b", "back\\slash {{2}} $1"])(
    "%j is delivered",
    async (value) => {
      const account = fixture.current;
      const { send } = await conversationWith(account);
      const contentSid = await account.template(news, "approved");
      expect(await send({ contentSid, contentVariables: JSON.stringify({ 1: value }) })).toBe("delivered");
    },
  );

  it.each([
    [118, "delivered"],
    [119, 63021],
  ])("are delivered with 1,024 characters in total (%d in the variable: %s)", async (length, outcome) => {
    const account = fixture.current;
    const { send } = await conversationWith(account);
    const contentSid = await account.template(
      { "twilio/text": { body: `${"L".repeat(900)} {{1}} Bye.` } },
      "approved",
    );
    expect(await send({ contentSid, contentVariables: JSON.stringify({ 1: "y".repeat(length) }) })).toBe(
      outcome,
    );
  });
});

describe("types for use inside the window only", () => {
  it.each([
    { "twilio/list-picker": { body: "Which?", button: "Choose", items: [{ id: "1", item: "One" }] } },
    { "twilio/location": { latitude: 1, longitude: 2, label: "Here" } },
  ])("%j", async (types) => {
    const account = fixture.current;
    const { send } = await conversationWith(account);
    const contentSid = await account.template(types, "approved");
    expect(await send({ contentSid })).toBe(63016);
    await account.send(person, account.emulator.whatsappNumber, "Hi");
    expect(await send({ contentSid })).toBe("delivered");
  });

  it.each([
    [3, undefined, "delivered"],
    [4, undefined, 63021],
    [10, "approved", "delivered"],
  ])("%d quick replies with the approval %s: %s", async (count, approval, outcome) => {
    const account = fixture.current;
    const { send } = await conversationWith(account);
    await account.send(person, account.emulator.whatsappNumber, "Hi");
    const actions = Array.from({ length: count }, (_, i) => ({ title: `${i}`, id: `${i}` }));
    const contentSid = await account.template(
      { "twilio/quick-reply": { body: "Which?", actions } },
      approval,
    );
    expect(await send({ contentSid })).toBe(outcome);
  });
});

describe("templates inside the window", () => {
  it("need no approval, unless they are cards or calls to action", async () => {
    const account = fixture.current;
    const { send } = await conversationWith(account);
    await account.send(person, account.emulator.whatsappNumber, "Hi");
    const card = {
      "twilio/card": { title: "A card", actions: [{ type: "QUICK_REPLY", title: "Ok", id: "ok" }] },
    };
    expect(
      await send({ contentSid: await account.template(quickReply), contentVariables: '{"1":"Bob"}' }),
    ).toBe("delivered");
    expect(await send({ contentSid: await account.template(card) })).toBe(63016);
    expect(await send({ contentSid: await account.template(card, "approved") })).toBe("delivered");
    expect((await account.inbox(person)).at(-1)).toMatchObject({ body: "A card", buttons: ["Ok"] });
  });
});

describe("a quick reply", () => {
  it("is sent by tapping a button that the phone shows, and no other", async () => {
    const account = fixture.current;
    const { conversation, send } = await conversationWith(account);
    const contentSid = await account.template(quickReply, "approved");
    await send({ contentSid, contentVariables: '{"1":"Bob"}' });
    const path = `/phones/${encodeURIComponent(person)}/messages`;
    const wrong = await account.control("POST", path, { to: account.emulator.whatsappNumber, button: "No" });
    expect(wrong).toMatchObject({ status: 400, body: { field: "button" } });
    await account.send(person, account.emulator.whatsappNumber, { button: "Yes, Bob" });
    expect((await conversation.messages.list()).at(-1)).toMatchObject({ body: "Yes, Bob", author: person });
  });

  it("is plain text on SMS", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    const proxyAddress = account.emulator.smsNumber;
    await conversation.participants.create({
      "messagingBinding.address": "+15558675310",
      "messagingBinding.proxyAddress": proxyAddress,
    });
    await conversation.messages.create({
      contentSid: await account.template(quickReply),
      contentVariables: '{"1":"Bob"}',
    });
    await account.emulator.settle();
    expect(await account.inbox("+15558675310")).toMatchObject([{ body: "Chat with Bob?", buttons: [] }]);
  });
});
