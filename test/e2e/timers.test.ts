import { describe, expect, it } from "vitest";
import { withWebhooks } from "../emulator/support/client.ts";
import { rejection, startTime, type TestAccount, useAccount } from "../emulator/support/emulator.ts";

/** "Using States and Timers in Conversations", with a client, a phone and a webhook. */
const fixture = useAccount();
const customer = "+15558675310";
const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;

type Conversation = Awaited<ReturnType<TestAccount["conversation"]>>;

/** The account's archive of state changes. Each is "from > to, reason, time since the start". */
async function archive(account: TestAccount) {
  const receiver = await account.receiver();
  await account.client.conversations.v1.configuration
    .webhooks()
    .update({ postWebhookUrl: receiver.url, filters: ["onConversationStateUpdated"] });
  return {
    receiver,
    changes: () =>
      receiver.received.map(({ fields }) => {
        const passed = Date.parse(fields.get("StateUpdated") ?? "") - startTime;
        return `${fields.get("StateFrom")} > ${fields.get("StateTo")}, ${fields.get("Reason")}, ${passed / second} s`;
      }),
  };
}

async function stateOf(conversation: Conversation): Promise<string> {
  return (await conversation.fetch()).state;
}

/** When timers will change the conversation, in seconds since the start. */
async function planOf(conversation: Conversation) {
  const timers: Record<string, string> = (await conversation.fetch()).timers;
  const seconds = (date = "") => (date === "" ? undefined : (Date.parse(date) - startTime) / second);
  return { inactive: seconds(timers.date_inactive), closed: seconds(timers.date_closed) };
}

async function customerConversation(
  account: TestAccount,
  timers: Record<string, string>,
): Promise<Conversation> {
  const conversation = await account.conversation(timers);
  await conversation.participants.create({
    "messagingBinding.address": customer,
    "messagingBinding.proxyAddress": account.emulator.smsNumber,
  });
  return conversation;
}

describe("the four scenarios", () => {
  it("#1: both timers are configured", async () => {
    const account = fixture.current;
    const { changes, receiver } = await archive(account);
    const timers = { "timers.inactive": "PT300S", "timers.closed": "PT30000S" };
    const conversation = await customerConversation(account, timers);
    expect(await planOf(conversation)).toEqual({ inactive: 300, closed: 30_300 });

    await account.emulator.advance(299 * second);
    expect(await stateOf(conversation)).toBe("active");
    await account.emulator.advance(second);
    expect(await stateOf(conversation)).toBe("inactive");
    await account.emulator.advance(29_999 * second);
    expect(await stateOf(conversation)).toBe("inactive");
    await account.emulator.advance(second);
    expect(await stateOf(conversation)).toBe("closed");

    expect(changes()).toEqual(["active > inactive, TIMER, 300 s", "inactive > closed, TIMER, 30300 s"]);
    expect(Object.fromEntries(receiver.received[0]?.fields ?? [])).toEqual({
      AccountSid: account.emulator.accountSid,
      EventType: "onConversationStateUpdated",
      Source: "API",
      RetryCount: "0",
      ChatServiceSid: account.emulator.chatServiceSid,
      ConversationSid: (await conversation.fetch()).sid,
      MessagingServiceSid: account.emulator.messagingServiceSid,
      StateUpdated: "2026-01-05T10:05:00.000Z",
      StateFrom: "active",
      StateTo: "inactive",
      Reason: "TIMER",
    });
  });

  it("#2: no timers configured", async () => {
    const account = fixture.current;
    const { changes } = await archive(account);
    const conversation = await customerConversation(account, {});
    expect(await planOf(conversation)).toEqual({});
    await account.emulator.advance(365 * day);
    expect(await stateOf(conversation)).toBe("active");
    expect(changes()).toEqual([]);
  });

  it("#3: only the inactive timer configured", async () => {
    const account = fixture.current;
    const { changes } = await archive(account);
    const conversation = await customerConversation(account, { "timers.inactive": "PT600S" });
    expect(await planOf(conversation)).toEqual({ inactive: 600 });
    await account.emulator.advance(365 * day);
    expect(await stateOf(conversation)).toBe("inactive");
    expect(changes()).toEqual(["active > inactive, TIMER, 600 s"]);
  });

  it("#4: only the closed timer configured", async () => {
    const account = fixture.current;
    const { changes } = await archive(account);
    const conversation = await customerConversation(account, { "timers.closed": "P30D" });
    await account.emulator.advance(30 * day - second);
    expect(await stateOf(conversation)).toBe("active");
    await account.emulator.advance(second);
    expect(await stateOf(conversation)).toBe("closed");
    expect(changes()).toEqual(["active > closed, TIMER, 2592000 s"]);
  });
});

describe("configuring timers", () => {
  it("accepts at least one minute and ten minutes, in days or smaller units", async () => {
    const conversation = await fixture.current.conversation();
    const refused = [
      [{ "timers.inactive": "PT59S" }, "400/50375"],
      [{ "timers.closed": "PT9M59S" }, "400/50376"],
      [{ "timers.inactive": "P6M" }, "400/50379"],
      [{ "timers.closed": "P1Y" }, "400/50380"],
    ] as const;
    for (const [timers, code] of refused) expect(await rejection(conversation.update(timers))).toBe(code);
    await conversation.update({ "timers.inactive": "PT1M", "timers.closed": "PT600S" });
    expect(await planOf(conversation)).toEqual({ inactive: 60, closed: 660 });
    await conversation.update({ "timers.inactive": "P180D", "timers.closed": "P365D" });
    expect(await planOf(conversation)).toEqual({ inactive: 180 * 86_400, closed: 545 * 86_400 });
  });

  it("restarts them from that time, and PT0S disables each", async () => {
    const account = fixture.current;
    const { changes } = await archive(account);
    const conversation = await account.conversation({ "timers.inactive": "PT5M", "timers.closed": "PT1H" });
    await account.emulator.advance(4 * minute);
    await conversation.update({ "timers.inactive": "PT5M" });
    expect(await planOf(conversation)).toEqual({ inactive: 540, closed: 4140 });
    await conversation.update({ "timers.inactive": "PT0S" });
    expect(await planOf(conversation)).toEqual({ closed: 3840 });
    await conversation.update({ "timers.closed": "PT0S" });
    expect(await planOf(conversation)).toEqual({});
    await account.emulator.advance(365 * day);
    expect(changes()).toEqual([]);
  });

  it("for the whole account applies to conversations that are created afterwards", async () => {
    const account = fixture.current;
    const before = await account.conversation();
    const defaults = { defaultInactiveTimer: "PT1M", defaultClosedTimer: "PT10M" };
    await account.client.conversations.v1.configuration().update(defaults);
    const [after, own] = [
      await account.conversation(),
      await account.conversation({ "timers.inactive": "PT2M" }),
    ];
    expect(await planOf(before)).toEqual({});
    expect(await planOf(after)).toEqual({ inactive: 60, closed: 660 });
    expect(await planOf(own)).toEqual({ inactive: 120, closed: 720 });
  });
});

describe("what changes a state", () => {
  it("is a message from a phone, which restarts the timer and reactivates an inactive conversation", async () => {
    const account = fixture.current;
    const { changes } = await archive(account);
    const conversation = await customerConversation(account, {
      "timers.inactive": "PT5M",
      "timers.closed": "PT1H",
    });
    await account.emulator.advance(4 * minute);
    await account.send(customer, account.emulator.smsNumber, "Still there?");
    expect(await planOf(conversation)).toEqual({ inactive: 540, closed: 4140 });
    await account.emulator.advance(5 * minute);
    expect(await stateOf(conversation)).toBe("inactive");
    await account.emulator.advance(59 * minute);
    await account.send(customer, account.emulator.smsNumber, "Hello again");
    expect(await stateOf(conversation)).toBe("active");
    expect(await planOf(conversation)).toEqual({ inactive: 4380, closed: 7980 });
    await account.emulator.advance(2 * 60 * minute);
    expect(changes()).toEqual([
      "active > inactive, TIMER, 540 s",
      "inactive > active, EVENT, 4080 s",
      "active > inactive, TIMER, 4380 s",
      "inactive > closed, TIMER, 7980 s",
    ]);
  });

  it("is a REST call, which restarts the timer", async () => {
    const account = fixture.current;
    const { changes } = await archive(account);
    const conversation = await customerConversation(account, {
      "timers.inactive": "PT5M",
      "timers.closed": "PT1H",
    });
    await account.emulator.advance(4 * minute);
    await conversation.update({ state: "inactive", ...withWebhooks });
    expect((await planOf(conversation)).closed).toBe(240 + 3600);
    await account.emulator.advance(minute);
    await conversation.update({ state: "active", ...withWebhooks });
    expect(await planOf(conversation)).toEqual({ inactive: 600, closed: 4200 });
    await account.emulator.advance(4 * minute);
    await conversation.update({ state: "closed", ...withWebhooks });
    await account.emulator.advance(365 * day);
    expect(changes()).toEqual([
      "active > inactive, API, 240 s",
      "inactive > active, API, 300 s",
      "active > closed, API, 540 s",
    ]);
  });

  it("fires webhooks for REST calls only with the header, but always for timers", async () => {
    const account = fixture.current;
    const { changes } = await archive(account);
    const conversation = await account.conversation({ "timers.closed": "PT10M" });
    await conversation.update({ state: "inactive" });
    await account.emulator.advance(10 * minute);
    expect(changes()).toEqual(["inactive > closed, TIMER, 600 s"]);
  });
});

describe("a closed conversation", () => {
  it("cannot be reopened, changed, joined or written to", async () => {
    const account = fixture.current;
    const { changes } = await archive(account);
    const conversation = await customerConversation(account, { "timers.closed": "PT10M" });
    await account.emulator.advance(10 * minute);
    expect(await rejection(conversation.update({ state: "active", ...withWebhooks }))).toBe("400/50377");
    expect(await rejection(conversation.update({ "timers.inactive": "PT1M" }))).toBe("400/50377");
    expect(await rejection(conversation.participants.create({ identity: "agent" }))).toBe("400/50377");
    await account.send(customer, account.emulator.smsNumber, "Hello?");
    expect(await conversation.messages.list()).toEqual([]);
    await account.emulator.advance(365 * day);
    expect(await stateOf(conversation)).toBe("closed");
    expect(changes()).toEqual(["active > closed, TIMER, 600 s"]);
  });
});

describe("a year of timers", () => {
  it("follows the guide's rule of thumb, in order of time across conversations", async () => {
    const account = fixture.current;
    const { receiver, changes } = await archive(account);
    const { sid: silent } = await account.conversations.create({
      "timers.inactive": "P30D",
      "timers.closed": "P365D",
    });
    await account.emulator.advance(day);
    const { sid: short } = await account.conversations.create({
      "timers.inactive": "P10D",
      "timers.closed": "P1D",
    });
    const { sid: kept } = await account.conversations.create({ "timers.inactive": "P30D" });
    await account.emulator.advance(day);
    await account.conversations(kept).messages.create({ body: "A word" });
    await account.emulator.advance(400 * day);

    const names = new Map([
      [silent, "silent"],
      [short, "short"],
      [kept, "kept"],
    ]);
    const told = changes().map((change, i) => {
      const [sid = ""] = receiver.values("ConversationSid").slice(i);
      return `${names.get(sid)}: ${change}`;
    });
    const at = (days: number) => `TIMER, ${days * 86_400} s`;
    expect(told).toEqual([
      `short: active > inactive, ${at(11)}`,
      `short: inactive > closed, ${at(12)}`,
      `silent: active > inactive, ${at(30)}`,
      `kept: active > inactive, ${at(32)}`,
      `silent: inactive > closed, ${at(395)}`,
    ]);
  });

  it("closes a hundred conversations one after the other, with one webhook each", async () => {
    const account = fixture.current;
    const { receiver } = await archive(account);
    const sids: string[] = [];
    for (let i = 0; i < 100; i += 1) {
      // Later conversations close earlier.
      const { sid } = await account.conversations.create({ "timers.closed": `P${200 - i}D` });
      sids.unshift(sid);
    }
    await account.emulator.advance(365 * day);
    expect(receiver.values("ConversationSid")).toEqual(sids);
    expect(new Set(receiver.values("StateTo"))).toEqual(new Set(["closed"]));
  });
});
