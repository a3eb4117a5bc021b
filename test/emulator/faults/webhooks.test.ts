import { describe, expect, it } from "vitest";
import { withWebhooks } from "../support/client.ts";
import { type Bench, refusal, useBench } from "../support/emulator.ts";
import type { Receiver, Respond } from "../support/receiver.ts";

const bench = useBench();

/** A receiver for all that happens after an action, and a conversation to let things happen in. */
async function listen(b: Bench, respond?: Respond) {
  const receiver = await b.receiver(respond);
  await b.client.conversations.v1.configuration.webhooks().update({ postWebhookUrl: receiver.url });
  const { sid } = await b.conversations.create();
  const conversation = b.conversations(sid);
  const say = async (...bodies: string[]) => {
    for (const body of bodies) await conversation.messages.create({ body, ...withWebhooks });
    await b.emulator.settle();
  };
  return { receiver, sid, conversation, say };
}

const bodies = (receiver: Receiver) => receiver.values("Body");

/** What Twilio saw of each webhook. */
async function seen(b: Bench): Promise<(number | undefined)[]> {
  return (await b.webhooks()).map(({ response, error }) => response?.status ?? error?.code);
}

describe("a webhook that a fault", () => {
  it("drops never arrives, and Twilio sees a connection that failed", async () => {
    const b = bench.current;
    const { receiver, say } = await listen(b);
    await b.fault({ on: "webhook", effect: "drop", times: 1 });
    await say("one", "two");
    expect(bodies(receiver)).toEqual(["two"]);
    expect(await seen(b)).toEqual([11205, 200]);
  });

  it("drops after it arrived loses the answer", async () => {
    const b = bench.current;
    const { receiver, say } = await listen(b);
    await b.fault({ on: "webhook", effect: "drop", when: "after" });
    await say("one");
    expect(bodies(receiver)).toEqual(["one"]);
    expect(await seen(b)).toEqual([11200]);
  });

  it("drops is retried as its URL says, and the next attempt meets the rule again", async () => {
    const b = bench.current;
    const { receiver, say } = await listen(b);
    const { webhooks } = b.client.conversations.v1.configuration;
    await webhooks().update({ postWebhookUrl: `${receiver.url}/#rc=2&rp=ct` });
    await b.fault({ on: "webhook", effect: "drop", times: 2 });
    await say("one");
    expect(bodies(receiver)).toEqual(["one"]);
    expect(receiver.values("RetryCount")).toEqual(["2"]);
    expect(await seen(b)).toEqual([11205, 11205, 200]);
  });

  it.each([
    ["before", []],
    ["after", ["one"]],
  ])("fails %s it arrived is answered for its target", async (when, arrived) => {
    const b = bench.current;
    const { receiver, say } = await listen(b);
    await b.fault({ on: "webhook", effect: "fail", status: 502, when });
    await say("one");
    expect(bodies(receiver)).toEqual(arrived);
    expect(await seen(b)).toEqual([502]);
  });

  it("duplicates arrives twice in turn, with one idempotency token", async () => {
    const b = bench.current;
    let open = 0;
    let mostOpen = 0;
    const { receiver, say } = await listen(b, (_request, response) => {
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      setImmediate(() => {
        open -= 1;
        response.end();
      });
    });
    await b.fault({ on: "webhook", effect: "duplicate", times: 1 });
    await say("one", "two");
    expect(bodies(receiver)).toEqual(["one", "one", "two"]);
    expect(mostOpen).toBe(1);
    const tokens = receiver.received.map(({ headers }) => headers["i-twilio-idempotency-token"]);
    expect(tokens[0]).toBe(tokens[1]);
    expect(tokens[2]).not.toBe(tokens[1]);
    expect(receiver.received[0]?.body).toBe(receiver.received[1]?.body);
    expect(await seen(b)).toEqual([200, 200, 200]);
  });

  it("duplicates at once arrives while its twin has no answer yet", async () => {
    const b = bench.current;
    const waiting: (() => void)[] = [];
    const { receiver, say } = await listen(b, (_request, response) => {
      waiting.push(() => response.end());
      // Neither is answered before both are there.
      if (waiting.length === 2) for (const answer of waiting) answer();
    });
    await b.fault({ on: "webhook", effect: "duplicate", atOnce: true });
    await say("one");
    expect(bodies(receiver)).toEqual(["one", "one"]);
    expect(await seen(b)).toEqual([200, 200]);
  });

  it("delays leaves when the clock is there, and others do not wait for it", async () => {
    const b = bench.current;
    const { receiver, say } = await listen(b);
    await b.fault({ on: "webhook", effect: "delay", duration: "PT10M", times: 1 });
    await say("one", "two");
    expect(bodies(receiver)).toEqual(["two"]);
    await b.emulator.advance(10 * 60 * 1000);
    expect(bodies(receiver)).toEqual(["two", "one"]);
    expect((await b.webhooks()).at(-1)).toMatchObject({ at: "2026-01-05T10:10:00.000Z" });
  });

  it("reorders lets later ones of its conversation go first", async () => {
    const b = bench.current;
    const { receiver, sid, say } = await listen(b);
    const other = await b.conversation();
    const match = { conversation: sid };
    await b.fault({ on: "webhook", match, effect: "reorder", behind: 2, times: 1 });
    await other.messages.create({ body: "elsewhere", ...withWebhooks });
    await say("one", "two");
    expect(bodies(receiver).toSorted()).toEqual(["elsewhere", "two"]);
    await say("three", "four");
    expect(bodies(receiver).slice(2)).toEqual(["three", "one", "four"]);
  });

  it("reorders waits for those that come after it, not for those before", async () => {
    const b = bench.current;
    const { receiver, say } = await listen(b);
    const id = await b.fault({ on: "webhook", effect: "reorder", skip: 2 });
    await say("one", "two", "three");
    expect(bodies(receiver)).toEqual(["one", "two"]);
    await b.control("DELETE", `/faults/${id}`);
    await b.emulator.settle();
    expect(bodies(receiver)).toEqual(["one", "two", "three"]);
  });

  it("holds waits until the rule is removed, and settling does not", async () => {
    const b = bench.current;
    const { receiver, say } = await listen(b);
    const id = await b.fault({ on: "webhook", effect: "hold" });
    await say("one", "two");
    await b.emulator.advance(24 * 60 * 60 * 1000);
    expect(bodies(receiver)).toEqual([]);
    await b.control("DELETE", `/faults/${id}`);
    await b.control("POST", "/settle");
    expect(bodies(receiver)).toEqual(["one", "two"]);
  });

  it("holds is gone after a reset", async () => {
    const b = bench.current;
    const { receiver, say } = await listen(b);
    await b.fault({ on: "webhook", effect: "hold" });
    await say("one");
    await b.emulator.reset();
    await b.emulator.settle();
    expect(bodies(receiver)).toEqual([]);
    expect(await b.faults()).toEqual([]);
  });
});

describe("a fault of webhooks", () => {
  it("matches by event, scope, target, conversation, address and parameters", async () => {
    const b = bench.current;
    const { receiver, sid, conversation, say } = await listen(b);
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
    for (const match of misses) await b.fault({ on: "webhook", match, effect: "drop" });
    await say("one");
    expect(receiver.received).toHaveLength(2);
    await b.control("DELETE", "/faults");
    const hits = [
      { event: "onMessageAdded", parameters: { Body: "*1" } },
      { scope: "conversation", webhookSid: own.sid, parameters: { Body: "*2" } },
      { url: `${receiver.url}/own*`, parameters: { Body: "*3" } },
      { conversation: sid, address: "+15558675310", parameters: { Body: "*4" } },
    ];
    for (const match of hits) await b.fault({ on: "webhook", match, effect: "drop" });
    await say("1", "2", "3");
    await conversation.messages.create({ body: "4", author: "+15558675310", ...withWebhooks });
    await b.emulator.settle();
    expect((await b.faults()).map(({ struck }) => struck)).toEqual([2, 1, 1, 2]);
  });

  it("lets a messaging webhook fail, and never holds it back", async () => {
    const b = bench.current;
    const { url } = await b.receiver((_request, response) =>
      response.end("<Response><Message>Hi</Message></Response>"),
    );
    const { smsNumber } = b.emulator;
    const [number] = await b.client.incomingPhoneNumbers.list({ phoneNumber: smsNumber });
    await b.client.incomingPhoneNumbers(String(number?.sid)).update({ smsUrl: url });
    await b.fault({ id: "held", on: "webhook", effect: "hold" });
    await b.fault({ on: "webhook", match: { scope: "number" }, effect: "drop", times: 1 });
    for (const body of ["one", "two"]) await b.send("+15558675310", smsNumber, body);
    const shown = (await b.inbox("+15558675310")).map(({ direction, body }) => `${direction} ${body}`);
    expect(shown).toEqual(["out one", "out two", "in Hi"]);
    expect((await b.faults())[0]).toMatchObject({ id: "held", matched: 0 });
  });

  it("can make a pre-action webhook unreachable, so that the action passes, or refuse for it", async () => {
    const b = bench.current;
    const receiver = await b.receiver((_request, response) => response.writeHead(403).end());
    await b.client.conversations.v1.configuration.webhooks().update({ preWebhookUrl: receiver.url });
    const conversation = await b.conversation();
    const say = () => conversation.messages.create({ body: "Hello", ...withWebhooks });
    // What can only befall a webhook that nobody waits for does not match.
    await b.fault({ id: "held", on: "webhook", effect: "hold" });
    await b.fault({ on: "webhook", match: { event: "onMessageAdd" }, effect: "drop", times: 1 });
    expect(await say()).toMatchObject({ body: "Hello" });
    expect(receiver.received).toEqual([]);
    expect(await refusal(say())).toBe("400/50056");
    await b.fault({ on: "webhook", match: { event: "onMessageAdd" }, effect: "fail", status: 502 });
    expect(await refusal(say())).toBe("400/50056");
    expect(receiver.received).toHaveLength(1);
    expect((await b.faults())[0]).toMatchObject({ id: "held", matched: 0 });
  });
});
