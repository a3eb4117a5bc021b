import { describe, expect, it } from "vitest";
import { useAccount } from "../support/emulator.ts";
import { member, outcomes, pair, post, projection } from "../support/outbound.ts";

const fixture = useAccount();
const [ann, bob] = ["+15558675310", "+15558675311"];
const second = "+15017122662";

/** The messages that the phone received outside conversations. */
async function confirmations(address: string) {
  const messages = await fixture.current.inbox(address);
  return messages.filter(({ direction, messageSid }) => direction === "in" && messageSid === null);
}

async function twoPeople() {
  const account = fixture.current;
  const conversation = await account.conversation();
  for (const address of [ann, bob])
    await conversation.participants.create(pair(address, account.emulator.smsNumber));
  return conversation;
}

describe("STOP", () => {
  it("is added to the conversation, and confirmed to the person only", async () => {
    const account = fixture.current;
    const conversation = await twoPeople();
    await account.send(ann, account.emulator.smsNumber, "Stop");
    const messages = await conversation.messages.list();
    expect(messages.map(({ author, body }) => [author, body])).toEqual([[ann, "Stop"]]);
    expect((await account.inbox(bob)).map(({ body }) => body)).toEqual(["Stop"]);
    expect(await confirmations(ann)).toMatchObject([
      { from: account.emulator.smsNumber, to: ann, recipients: [], conversationSid: null },
    ]);
    expect(await confirmations(bob)).toEqual([]);
  });

  it("fails messages from that number to that person, and no others", async () => {
    const account = fixture.current;
    await account.control("POST", "/numbers", { address: second });
    const conversation = await twoPeople();
    const other = await account.conversation();
    await other.participants.create(pair(ann, second));
    await account.send(ann, account.emulator.smsNumber, " STOPALL ");
    expect(await post(account, conversation, { body: "Hello" })).toEqual(["failed 21610", "delivered"]);
    expect(await post(account, other, { body: "Hello" })).toEqual(["delivered"]);
    const [message] = await conversation.messages.list({ order: "desc", limit: 1 });
    expect(message?.delivery).toEqual({
      total: 2,
      sent: "some",
      delivered: "some",
      read: "none",
      failed: "some",
      undelivered: "none",
    });
  });

  it("is an opt-out keyword as the whole message, and confirmed once", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    for (const body of ["STOP PLEASE", "please stop"]) await account.send(ann, smsNumber, body);
    expect(await confirmations(ann)).toEqual([]);
    for (const body of ["STOP", "stopall", "Unsubscribe", "cancel", "END", "quit"])
      await account.send(ann, smsNumber, body);
    expect(await confirmations(ann)).toHaveLength(1);
    for (const [i, body] of ["stopall", "Unsubscribe", "cancel", "END", "quit"].entries())
      await account.send(`+1555867532${i}`, smsNumber, body);
    const phones = [0, 1, 2, 3, 4].map((i) => confirmations(`+1555867532${i}`));
    expect((await Promise.all(phones)).map(({ length }) => length)).toEqual([1, 1, 1, 1, 1]);
  });

  it("does not affect the other members of a group text", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    await account.send(ann, smsNumber, "STOP");
    const conversation = await account.conversation();
    await conversation.participants.create(projection(smsNumber));
    await conversation.participants.create(member(ann));
    await conversation.participants.create(member(bob));
    expect(await post(account, conversation, { author: smsNumber, body: "Hi" })).toEqual([
      "failed 21610",
      "delivered",
    ]);
  });

  it("has no effect on WhatsApp", async () => {
    const account = fixture.current;
    const rider = "whatsapp:+15558675312";
    const conversation = await account.conversation();
    await conversation.participants.create(pair(rider, account.emulator.whatsappNumber));
    await account.send(rider, account.emulator.whatsappNumber, "STOP");
    expect(await confirmations(rider)).toEqual([]);
    expect(await post(account, conversation, { body: "Hello" })).toEqual(["delivered"]);
  });
});

describe("START", () => {
  it.each(["START", "yes", "Unstop"])("as %s subscribes the person again", async (word) => {
    const account = fixture.current;
    const conversation = await twoPeople();
    await account.send(ann, account.emulator.smsNumber, "STOP");
    const { sid } = await conversation.messages.create({ body: "lost" });
    await account.emulator.settle();
    await account.send(ann, account.emulator.smsNumber, word);
    expect(await confirmations(ann)).toHaveLength(2);
    expect(await post(account, conversation, { body: "Welcome back" })).toEqual(["delivered", "delivered"]);
    expect((await outcomes(conversation, sid))[0]).toBe("failed 21610");
  });

  it("is an ordinary message from a person who never opted out", async () => {
    const account = fixture.current;
    await account.send(ann, account.emulator.smsNumber, "Yes");
    expect(await confirmations(ann)).toEqual([]);
  });
});

it.each(["HELP", "info"])("%s is answered each time", async (word) => {
  const account = fixture.current;
  await account.send(ann, account.emulator.smsNumber, word);
  await account.send(ann, account.emulator.smsNumber, word);
  expect(await confirmations(ann)).toHaveLength(2);
});

it.each(["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"])(
  "%s opts out",
  async (word) => {
    const account = fixture.current;
    await account.send("+15558675310", account.emulator.smsNumber, word.toLowerCase());
    expect((await account.inbox("+15558675310")).at(-1)?.body).toContain("unsubscribed");
  },
);
