import { describe, expect, it } from "vitest";
import { type TestAccount, useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const alice = "+15558675310";
const bob = "+15558675311";

/** A conversation of two people with phones. */
async function twoPeople(account: TestAccount) {
  const { sid } = await account.conversations.create();
  const conversation = account.conversations(sid);
  for (const address of [alice, bob]) {
    await conversation.participants.create({
      "messagingBinding.address": address,
      "messagingBinding.proxyAddress": account.emulator.smsNumber,
    });
  }
  return { sid, conversation };
}

/** Says something to both, and returns what became of it on each phone, once nothing more happens. */
async function say(
  account: TestAccount,
  { conversation }: Awaited<ReturnType<typeof twoPeople>>,
  body = "Hello",
) {
  const { sid } = await conversation.messages.create({ body });
  await account.emulator.settle();
  const receipts = await conversation.messages(sid).deliveryReceipts.list();
  return receipts.map(({ status, errorCode }) => `${status} ${errorCode}`);
}

const texts = async (account: TestAccount, address: string) =>
  (await account.inbox(address)).map(({ body }) => body);

describe("a message that a fault", () => {
  it.each([
    [{}, "undelivered 30008"],
    [{ code: 30003 }, "undelivered 30003"],
    [{ status: "failed", code: 30007 }, "failed 30007"],
  ])("fails (%j) does not arrive, and its receipt says why", async (options, receipt) => {
    const account = fixture.current;
    const people = await twoPeople(account);
    await account.fault({ on: "delivery", match: { address: alice }, effect: "fail", ...options });
    expect(await say(account, people)).toEqual([receipt, "delivered 0"]);
    expect(await texts(account, alice)).toEqual([]);
    expect(await texts(account, bob)).toEqual(["Hello"]);
  });

  it("drops stays sent for ever", async () => {
    const account = fixture.current;
    const people = await twoPeople(account);
    await account.fault({ on: "delivery", match: { address: alice }, effect: "drop" });
    expect(await say(account, people)).toEqual(["sent 0", "delivered 0"]);
    await account.emulator.advance(24 * 60 * 60 * 1000);
    expect(await texts(account, alice)).toEqual([]);
  });

  it("delays arrives when the clock is there, or when the rule goes", async () => {
    const account = fixture.current;
    const people = await twoPeople(account);
    const id = await account.fault({
      on: "delivery",
      match: { address: alice },
      effect: "delay",
      duration: "PT1H",
    });
    expect(await say(account, people, "one")).toEqual(["sent 0", "delivered 0"]);
    expect(await texts(account, alice)).toEqual([]);
    await account.emulator.advance(60 * 60 * 1000);
    expect(await account.inbox(alice)).toMatchObject([{ body: "one", at: "2026-01-05T11:00:00.000Z" }]);
    await say(account, people, "two");
    await account.control("DELETE", `/faults/${id}`);
    await account.emulator.settle();
    expect(await texts(account, alice)).toEqual(["one", "two"]);
    await account.emulator.advance(60 * 60 * 1000);
    expect(await texts(account, alice)).toEqual(["one", "two"]);
  });
});

describe("a fault of deliveries", () => {
  it("matches by channel, proxy address and conversation", async () => {
    const account = fixture.current;
    const faulty = await twoPeople(account);
    const { smsNumber, whatsappNumber } = account.emulator;
    await account.fault({ on: "delivery", match: { channel: "whatsapp" }, effect: "drop" });
    await account.fault({ on: "delivery", match: { proxyAddress: whatsappNumber }, effect: "drop" });
    expect(await say(account, faulty)).toEqual(["delivered 0", "delivered 0"]);
    await account.fault({
      on: "delivery",
      match: { proxyAddress: smsNumber, conversation: faulty.sid },
      effect: "drop",
    });
    expect(await say(account, faulty)).toEqual(["sent 0", "sent 0"]);
  });

  it("is on the timeline, with the message that it was injected into", async () => {
    const account = fixture.current;
    const { sid: conversationSid, conversation } = await twoPeople(account);
    const id = await account.fault({ on: "delivery", match: { address: "*5310" }, effect: "drop" });
    const { sid: messageSid } = await conversation.messages.create({ body: "Hello" });
    await account.emulator.settle();
    expect(await account.injections()).toEqual([
      {
        at: "2026-01-05T10:00:00.000Z",
        kind: "fault",
        faultId: id,
        on: "delivery",
        effect: "drop",
        conversationSid,
        messageSid,
        from: account.emulator.smsNumber,
        to: alice,
      },
    ]);
  });
});
