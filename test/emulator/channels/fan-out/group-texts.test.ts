import { describe, expect, it } from "vitest";
import { useAccount } from "../../support/emulator.ts";
import { member, outcomes, pair, post, projection } from "../../support/outbound.ts";

const fixture = useAccount();
const [ann, bob, cleo] = ["+15558675310", "+15558675311", "+15558675312"];
const second = "+15017122662";

/** The messages that the phone received: the sender, and the other numbers of the group. */
async function received(address: string) {
  const messages = await fixture.current.inbox(address);
  return messages
    .filter(({ direction }) => direction === "in")
    .map(({ from, to, recipients, body }) => ({ from, to, recipients, body }));
}

/** "Group Texting in Conversations", Scenario 1: an agent with two homebuyers. */
describe("a group text from a chat participant", () => {
  it("is an ordinary text from the projected address while there is one member", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    const conversation = await account.conversation({ friendlyName: "Home-buying journey" });
    await conversation.participants.create(projection(smsNumber, "realEstateAgent"));
    await conversation.participants.create(member(ann));
    const body = "Hi there. What did you think of the listing I sent?";
    expect(await post(account, conversation, { author: "realEstateAgent", body })).toEqual(["delivered"]);
    expect(await received(ann)).toEqual([{ from: smsNumber, to: ann, recipients: [], body }]);
  });

  it("reaches every member from the author's projected address, each with a separate receipt", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    const conversation = await account.conversation();
    await conversation.participants.create(projection(smsNumber, "realEstateAgent"));
    const { sid: annSid } = await conversation.participants.create(member(ann));
    const { sid: bobSid } = await conversation.participants.create(member(bob));
    const { sid } = await conversation.messages.create({ author: "realEstateAgent", body: "Glad" });
    await account.emulator.settle();
    const receipts = await conversation.messages(sid).deliveryReceipts.list();
    expect(receipts).toMatchObject([
      { participantSid: annSid, status: "delivered", channelMessageSid: expect.stringMatching(/^SM/) },
      { participantSid: bobSid, status: "delivered", channelMessageSid: expect.stringMatching(/^SM/) },
    ]);
    expect(new Set(receipts.map(({ channelMessageSid }) => channelMessageSid)).size).toBe(2);
    expect(await received(ann)).toEqual([{ from: smsNumber, to: ann, recipients: [bob], body: "Glad" }]);
    expect(await received(bob)).toEqual([{ from: smsNumber, to: bob, recipients: [ann], body: "Glad" }]);
  });

  it("shows each of two agents under a separate number, and is not delivered to these numbers", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    await account.control("POST", "/numbers", { address: second });
    const conversation = await account.conversation();
    await conversation.participants.create(projection(smsNumber, "YourFinancialAdvisor"));
    await conversation.participants.create(member(ann));
    await conversation.participants.create(projection(second, "theAssistant"));
    expect(await post(account, conversation, { author: "theAssistant", body: "documents" })).toEqual([
      "delivered",
    ]);
    await post(account, conversation, { author: "YourFinancialAdvisor", body: "Excellent" });
    expect(await received(ann)).toEqual([
      { from: second, to: ann, recipients: [smsNumber], body: "documents" },
      { from: smsNumber, to: ann, recipients: [second], body: "Excellent" },
    ]);
    expect(await received(smsNumber)).toEqual([]);
  });
});

describe("a group text with a standalone projected address", () => {
  it("is sent from that address when it is the author", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    const conversation = await account.conversation();
    await conversation.participants.create(projection(smsNumber));
    await conversation.participants.create(member(ann));
    await conversation.participants.create(member(bob));
    expect(await post(account, conversation, { author: smsNumber, body: "Hi" })).toEqual([
      "delivered",
      "delivered",
    ]);
    expect(await received(bob)).toEqual([{ from: smsNumber, to: bob, recipients: [ann], body: "Hi" }]);
  });

  it("is sent from the same number after another identity is assigned to it", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    const conversation = await account.conversation();
    const { sid } = await conversation.participants.create(projection(smsNumber));
    await conversation.participants.create(member(ann));
    await post(account, conversation, { author: smsNumber, body: "from nobody" });
    await conversation.participants(sid).update({ identity: "supervisor" });
    await post(account, conversation, { author: "supervisor", body: "from somebody" });
    expect((await received(ann)).map(({ from }) => from)).toEqual([smsNumber, smsNumber]);
  });
});

describe("a group text from a member", () => {
  it("is sent from their own number, and not to them", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    const conversation = await account.conversation();
    await conversation.participants.create(projection(smsNumber, "agent"));
    for (const address of [ann, bob, cleo]) await conversation.participants.create(member(address));
    expect(await post(account, conversation, { author: ann, body: "Hello all" })).toEqual([
      "delivered",
      "delivered",
    ]);
    expect(await received(ann)).toEqual([]);
    expect(await received(bob)).toEqual([
      { from: ann, to: bob, recipients: [smsNumber, cleo], body: "Hello all" },
    ]);
  });
});

describe("a group text with a participant who has a proxy address", () => {
  it("shows them as that number, and reaches them only through it", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    await account.control("POST", "/numbers", { address: second });
    const conversation = await account.conversation();
    await conversation.participants.create(projection(smsNumber, "agent"));
    await conversation.participants.create(member(ann));
    await conversation.participants.create(pair(bob, second));
    await post(account, conversation, { author: "agent", body: "to both" });
    expect(await received(bob)).toEqual([{ from: second, to: bob, recipients: [], body: "to both" }]);
    await account.send(bob, second, "from outside");
    expect((await received(ann)).at(-1)).toEqual({
      from: second,
      to: ann,
      recipients: [smsNumber],
      body: "from outside",
    });
  });

  it("is sent from the gateway when their number cannot send texts, and fails without a gateway", async () => {
    const account = fixture.current;
    const { smsNumber, whatsappNumber } = account.emulator;
    const rider = "whatsapp:+15558675313";
    const conversation = await account.conversation();
    await conversation.participants.create(member(ann));
    await conversation.participants.create(pair(rider, whatsappNumber));
    const { messageSid } = await account.send(rider, whatsappNumber, "Hi");
    expect(await outcomes(conversation, String(messageSid))).toEqual(["failed 21606"]);
    await conversation.participants.create(projection(smsNumber));
    await account.send(rider, whatsappNumber, "Hi again");
    expect(await received(ann)).toEqual([{ from: smsNumber, to: ann, recipients: [], body: "Hi again" }]);
  });

  it("is not delivered to the same phone twice", async () => {
    const account = fixture.current;
    await account.control("POST", "/numbers", { address: second });
    const conversation = await account.conversation();
    await conversation.participants.create(projection(account.emulator.smsNumber));
    await conversation.participants.create(member(ann));
    await conversation.participants.create(pair(ann, second));
    expect(await post(account, conversation, { author: ann, body: "Hi" })).toEqual([]);
  });
});

it("A released number no longer sends messages", async () => {
  const account = fixture.current;
  const { smsNumber } = account.emulator;
  const conversation = await account.conversation();
  await conversation.participants.create(projection(smsNumber));
  await conversation.participants.create(member(ann));
  await conversation.participants.create(pair(bob, smsNumber));
  const [number] = await account.client.incomingPhoneNumbers.list();
  await account.client.incomingPhoneNumbers(number?.sid ?? "").remove();
  expect(await post(account, conversation, { author: smsNumber, body: "Hi" })).toEqual([
    "failed 21606",
    "failed 21606",
  ]);
});
