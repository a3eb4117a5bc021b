import { describe, expect, it } from "vitest";
import { type Bench, useBench } from "../support/emulator.ts";

const bench = useBench();
const alice = "+15558675310";
const bob = "+15558675311";

/** A conversation of two people with phones. */
async function twoPeople(b: Bench) {
  const { sid } = await b.conversations.create();
  const conversation = b.conversations(sid);
  for (const address of [alice, bob]) {
    await conversation.participants.create({
      "messagingBinding.address": address,
      "messagingBinding.proxyAddress": b.emulator.smsNumber,
    });
  }
  return { sid, conversation };
}

/** Says something to both, and returns what became of it on each phone, once nothing more happens. */
async function say(b: Bench, { conversation }: Awaited<ReturnType<typeof twoPeople>>, body = "Hello") {
  const { sid } = await conversation.messages.create({ body });
  await b.emulator.settle();
  const receipts = await conversation.messages(sid).deliveryReceipts.list();
  return receipts.map(({ status, errorCode }) => `${status} ${errorCode}`);
}

const texts = async (b: Bench, address: string) => (await b.inbox(address)).map(({ body }) => body);

describe("a message that a fault", () => {
  it.each([
    [{}, "undelivered 30008"],
    [{ code: 30003 }, "undelivered 30003"],
    [{ status: "failed", code: 30007 }, "failed 30007"],
  ])("fails (%j) does not arrive, and its receipt says why", async (options, receipt) => {
    const b = bench.current;
    const people = await twoPeople(b);
    await b.fault({ on: "delivery", match: { address: alice }, effect: "fail", ...options });
    expect(await say(b, people)).toEqual([receipt, "delivered 0"]);
    expect(await texts(b, alice)).toEqual([]);
    expect(await texts(b, bob)).toEqual(["Hello"]);
  });

  it("drops stays sent for ever", async () => {
    const b = bench.current;
    const people = await twoPeople(b);
    await b.fault({ on: "delivery", match: { address: alice }, effect: "drop" });
    expect(await say(b, people)).toEqual(["sent 0", "delivered 0"]);
    await b.emulator.advance(24 * 60 * 60 * 1000);
    expect(await texts(b, alice)).toEqual([]);
  });

  it("delays arrives when the clock is there, or when the rule goes", async () => {
    const b = bench.current;
    const people = await twoPeople(b);
    const id = await b.fault({
      on: "delivery",
      match: { address: alice },
      effect: "delay",
      duration: "PT1H",
    });
    expect(await say(b, people, "one")).toEqual(["sent 0", "delivered 0"]);
    expect(await texts(b, alice)).toEqual([]);
    await b.emulator.advance(60 * 60 * 1000);
    expect(await b.inbox(alice)).toMatchObject([{ body: "one", at: "2026-01-05T11:00:00.000Z" }]);
    await say(b, people, "two");
    await b.control("DELETE", `/faults/${id}`);
    await b.emulator.settle();
    expect(await texts(b, alice)).toEqual(["one", "two"]);
    await b.emulator.advance(60 * 60 * 1000);
    expect(await texts(b, alice)).toEqual(["one", "two"]);
  });
});

describe("a fault of deliveries", () => {
  it("matches by channel, proxy address and conversation", async () => {
    const b = bench.current;
    const struck = await twoPeople(b);
    const { smsNumber, whatsappNumber } = b.emulator;
    await b.fault({ on: "delivery", match: { channel: "whatsapp" }, effect: "drop" });
    await b.fault({ on: "delivery", match: { proxyAddress: whatsappNumber }, effect: "drop" });
    expect(await say(b, struck)).toEqual(["delivered 0", "delivered 0"]);
    await b.fault({
      on: "delivery",
      match: { proxyAddress: smsNumber, conversation: struck.sid },
      effect: "drop",
    });
    expect(await say(b, struck)).toEqual(["sent 0", "sent 0"]);
  });

  it("is on the timeline, with the message that it struck", async () => {
    const b = bench.current;
    const { sid: conversationSid, conversation } = await twoPeople(b);
    const id = await b.fault({ on: "delivery", match: { address: "*5310" }, effect: "drop" });
    const { sid: messageSid } = await conversation.messages.create({ body: "Hello" });
    await b.emulator.settle();
    expect(await b.strikes()).toEqual([
      {
        at: "2026-01-05T10:00:00.000Z",
        kind: "fault",
        faultId: id,
        on: "delivery",
        effect: "drop",
        conversationSid,
        messageSid,
        from: b.emulator.smsNumber,
        to: alice,
      },
    ]);
  });
});
