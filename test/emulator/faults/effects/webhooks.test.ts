import { describe, expect, it } from "vitest";
import { withWebhooks } from "../../support/client.ts";
import { rejection, type TestAccount, useAccount } from "../../support/emulator.ts";
import type { Receiver, Respond } from "../../support/receiver.ts";

const fixture = useAccount();

/** A receiver for all that happens after an action, and a conversation to let things happen in. */
async function listen(account: TestAccount, respond?: Respond) {
  const receiver = await account.receiver(respond);
  await account.client.conversations.v1.configuration.webhooks().update({ postWebhookUrl: receiver.url });
  const { sid } = await account.conversations.create();
  const conversation = account.conversations(sid);
  const say = async (...bodies: string[]) => {
    for (const body of bodies) await conversation.messages.create({ body, ...withWebhooks });
    await account.emulator.settle();
  };
  return { receiver, sid, conversation, say };
}

const bodies = (receiver: Receiver) => receiver.values("Body");

/** What Twilio saw of each webhook. */
async function seen(account: TestAccount): Promise<(number | undefined)[]> {
  return (await account.webhooks()).map(({ response, error }) => response?.status ?? error?.code);
}

describe("a webhook that a fault", () => {
  it("drops never arrives, and Twilio sees a connection that failed", async () => {
    const account = fixture.current;
    const { receiver, say } = await listen(account);
    await account.fault({ on: "webhook", effect: "drop", times: 1 });
    await say("one", "two");
    expect(bodies(receiver)).toEqual(["two"]);
    expect(await seen(account)).toEqual([11205, 200]);
  });

  it("drops after it arrived loses the answer", async () => {
    const account = fixture.current;
    const { receiver, say } = await listen(account);
    await account.fault({ on: "webhook", effect: "drop", when: "after" });
    await say("one");
    expect(bodies(receiver)).toEqual(["one"]);
    expect(await seen(account)).toEqual([11200]);
  });

  it("drops is retried as its URL specifies, and the fault matches the next attempt too", async () => {
    const account = fixture.current;
    const { receiver, say } = await listen(account);
    const { webhooks } = account.client.conversations.v1.configuration;
    await webhooks().update({ postWebhookUrl: `${receiver.url}/#rc=2&rp=ct` });
    await account.fault({ on: "webhook", effect: "drop", times: 2 });
    await say("one");
    expect(bodies(receiver)).toEqual(["one"]);
    expect(receiver.values("RetryCount")).toEqual(["2"]);
    expect(await seen(account)).toEqual([11205, 11205, 200]);
  });

  it.each([
    ["before", []],
    ["after", ["one"]],
  ])("fails %s it arrived is answered for its target", async (when, arrived) => {
    const account = fixture.current;
    const { receiver, say } = await listen(account);
    await account.fault({ on: "webhook", effect: "fail", status: 502, when });
    await say("one");
    expect(bodies(receiver)).toEqual(arrived);
    expect(await seen(account)).toEqual([502]);
  });

  it("duplicates arrives twice in turn, with one idempotency token", async () => {
    const account = fixture.current;
    let open = 0;
    let mostOpen = 0;
    const { receiver, say } = await listen(account, (_request, response) => {
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      setImmediate(() => {
        open -= 1;
        response.end();
      });
    });
    await account.fault({ on: "webhook", effect: "duplicate", times: 1 });
    await say("one", "two");
    expect(bodies(receiver)).toEqual(["one", "one", "two"]);
    expect(mostOpen).toBe(1);
    const tokens = receiver.received.map(({ headers }) => headers["i-twilio-idempotency-token"]);
    expect(tokens[0]).toBe(tokens[1]);
    expect(tokens[2]).not.toBe(tokens[1]);
    expect(receiver.received[0]?.body).toBe(receiver.received[1]?.body);
    expect(await seen(account)).toEqual([200, 200, 200]);
  });

  it("duplicates concurrently arrives twice before the first is answered", async () => {
    const account = fixture.current;
    const waiting: (() => void)[] = [];
    const { receiver, say } = await listen(account, (_request, response) => {
      waiting.push(() => response.end());
      // Neither is answered before both are there.
      if (waiting.length === 2) for (const answer of waiting) answer();
    });
    await account.fault({ on: "webhook", effect: "duplicate", atOnce: true });
    await say("one");
    expect(bodies(receiver)).toEqual(["one", "one"]);
    expect(await seen(account)).toEqual([200, 200]);
  });

  it("delays leaves when the clock is there, and others do not wait for it", async () => {
    const account = fixture.current;
    const { receiver, say } = await listen(account);
    await account.fault({ on: "webhook", effect: "delay", duration: "PT10M", times: 1 });
    await say("one", "two");
    expect(bodies(receiver)).toEqual(["two"]);
    await account.emulator.advance(10 * 60 * 1000);
    expect(bodies(receiver)).toEqual(["two", "one"]);
    expect((await account.webhooks()).at(-1)).toMatchObject({ at: "2026-01-05T10:10:00.000Z" });
  });

  it("reorders is sent after later ones of its conversation", async () => {
    const account = fixture.current;
    const { receiver, sid, say } = await listen(account);
    const other = await account.conversation();
    const match = { conversation: sid };
    await account.fault({ on: "webhook", match, effect: "reorder", behind: 2, times: 1 });
    await other.messages.create({ body: "elsewhere", ...withWebhooks });
    await say("one", "two");
    expect(bodies(receiver).toSorted()).toEqual(["elsewhere", "two"]);
    await say("three", "four");
    expect(bodies(receiver).slice(2)).toEqual(["three", "one", "four"]);
  });

  it("reorders waits for those that come after it, not for those before", async () => {
    const account = fixture.current;
    const { receiver, say } = await listen(account);
    const id = await account.fault({ on: "webhook", effect: "reorder", skip: 2 });
    await say("one", "two", "three");
    expect(bodies(receiver)).toEqual(["one", "two"]);
    await account.control("DELETE", `/faults/${id}`);
    await account.emulator.settle();
    expect(bodies(receiver)).toEqual(["one", "two", "three"]);
  });

  it("holds waits until the rule is removed, and settling does not", async () => {
    const account = fixture.current;
    const { receiver, say } = await listen(account);
    const id = await account.fault({ on: "webhook", effect: "hold" });
    await say("one", "two");
    await account.emulator.advance(24 * 60 * 60 * 1000);
    expect(bodies(receiver)).toEqual([]);
    await account.control("DELETE", `/faults/${id}`);
    await account.control("POST", "/settle");
    expect(bodies(receiver)).toEqual(["one", "two"]);
  });

  it("holds is gone after a reset", async () => {
    const account = fixture.current;
    const { receiver, say } = await listen(account);
    await account.fault({ on: "webhook", effect: "hold" });
    await say("one");
    await account.emulator.reset();
    await account.emulator.settle();
    expect(bodies(receiver)).toEqual([]);
    expect(await account.faults()).toEqual([]);
  });
});

describe("a fault of webhooks", () => {
  it("matches by event, scope, target, conversation, address and parameters", async () => {
    const account = fixture.current;
    const { receiver, sid, conversation, say } = await listen(account);
    const own = await conversation.webhooks.create({
      target: "webhook",
      "configuration.url": `${receiver.url}/own?a=b`,
      "configuration.filters": ["onMessageAdded"],
    });
    const misses = [
      { event: "onMessageUpdated" },
      { scope: "service" },
      { webhookSid: `WH${"0".repeat(32)}` },
      { url: "https://*" },
      { conversation: `CH${"0".repeat(32)}` },
      { address: "+15558675310" },
      { parameters: { Body: "two" } },
      { event: "onMessageAdded", scope: "account", webhookSid: own.sid },
    ];
    for (const match of misses) await account.fault({ on: "webhook", match, effect: "drop" });
    await say("one");
    expect(receiver.received).toHaveLength(2);
    await account.control("DELETE", "/faults");
    const hits = [
      { event: "onMessageAdded", parameters: { Body: "*1" } },
      { scope: "conversation", webhookSid: own.sid, parameters: { Body: "*2" } },
      { url: `${receiver.url}/own*`, parameters: { Body: "*3" } },
      { conversation: sid, address: "+15558675310", parameters: { Body: "*4" } },
    ];
    for (const match of hits) await account.fault({ on: "webhook", match, effect: "drop" });
    await say("1", "2", "3");
    await conversation.messages.create({ body: "4", author: "+15558675310", ...withWebhooks });
    await account.emulator.settle();
    expect((await account.faults()).map(({ struck }) => struck)).toEqual([2, 1, 1, 2]);
  });

  it("fails a messaging webhook, and never holds it", async () => {
    const account = fixture.current;
    const { url } = await account.receiver((_request, response) =>
      response.end("<Response><Message>Hi</Message></Response>"),
    );
    const { smsNumber } = account.emulator;
    const [number] = await account.client.incomingPhoneNumbers.list({ phoneNumber: smsNumber });
    await account.client.incomingPhoneNumbers(String(number?.sid)).update({ smsUrl: url });
    await account.fault({ id: "held", on: "webhook", effect: "hold" });
    await account.fault({ on: "webhook", match: { scope: "number" }, effect: "drop", times: 1 });
    for (const body of ["one", "two"]) await account.send("+15558675310", smsNumber, body);
    const shown = (await account.inbox("+15558675310")).map(({ direction, body }) => `${direction} ${body}`);
    expect(shown).toEqual(["out one", "out two", "in Hi"]);
    expect((await account.faults())[0]).toMatchObject({ id: "held", matched: 0 });
  });

  it("can make a pre-action webhook unreachable, so that the action is accepted, or reject the action", async () => {
    const account = fixture.current;
    const receiver = await account.receiver((_request, response) => response.writeHead(403).end());
    await account.client.conversations.v1.configuration.webhooks().update({ preWebhookUrl: receiver.url });
    const conversation = await account.conversation();
    const say = () => conversation.messages.create({ body: "Hello", ...withWebhooks });
    // Effects that are only for webhooks after an action do not match.
    await account.fault({ id: "held", on: "webhook", effect: "hold" });
    await account.fault({ on: "webhook", match: { event: "onMessageAdd" }, effect: "drop", times: 1 });
    expect(await say()).toMatchObject({ body: "Hello" });
    expect(receiver.received).toEqual([]);
    expect(await rejection(say())).toBe("400/50056");
    await account.fault({ on: "webhook", match: { event: "onMessageAdd" }, effect: "fail", status: 502 });
    expect(await rejection(say())).toBe("400/50056");
    expect(receiver.received).toHaveLength(1);
    expect((await account.faults())[0]).toMatchObject({ id: "held", matched: 0 });
  });
});
