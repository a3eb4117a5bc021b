import { describe, expect, it } from "vitest";
import { startTime, type TestAccount, useAccount } from "../support/emulator.ts";
import { outcomes, pair, post, setPhone } from "../support/outbound.ts";

const fixture = useAccount();
const sms = "+15558675310";
const whatsapp = "whatsapp:+15558675311";

/** A chat agent with one person on SMS and one on WhatsApp, whose window is open. */
async function setUp(account: TestAccount) {
  const conversation = await account.conversation();
  await account.send(whatsapp, account.emulator.whatsappNumber, "open the window");
  await conversation.participants.create({ identity: "agent" });
  await conversation.participants.create(pair(sms, account.emulator.smsNumber));
  const { sid } = await conversation.participants.create(pair(whatsapp, account.emulator.whatsappNumber));
  return { conversation, riderSid: sid };
}

const read = (account: TestAccount, address: string) =>
  account.control("POST", `/phones/${encodeURIComponent(address)}/read`);

async function bodies(account: TestAccount, address: string) {
  const shown = await account.inbox(address);
  return shown.filter(({ direction }) => direction === "in").map(({ body }) => body);
}

/** "Delivery Receipts in Conversations": the effect of a phone that is off, on each channel. */
describe("a phone that is off", () => {
  it("has its SMS reported as delivered, and shows it when it is on again", async () => {
    const account = fixture.current;
    const { conversation } = await setUp(account);
    await setPhone(account, sms, "off");
    expect((await post(account, conversation, { body: "Hello" }))[0]).toBe("delivered");
    expect(await bodies(account, sms)).toEqual([]);
    await setPhone(account, sms, "on");
    expect(await bodies(account, sms)).toEqual(["Hello"]);
  });

  it("keeps WhatsApp messages at sent until it is on again, then receives them in order", async () => {
    const account = fixture.current;
    const { conversation } = await setUp(account);
    const receiver = await account.receiver();
    await setPhone(account, whatsapp, "off");
    const first = await conversation.messages.create({ body: "first" });
    const second = await conversation.messages.create({ body: "second" });
    await account.emulator.settle();
    expect(await outcomes(conversation, first.sid)).toEqual(["delivered", "sent"]);
    expect((await conversation.messages(first.sid).fetch()).delivery).toMatchObject({
      total: 2,
      sent: "all",
      delivered: "some",
    });
    const { body } = await account.control("GET", `/phones/${encodeURIComponent(whatsapp)}`);
    expect(body).toEqual({ address: whatsapp, state: "off", messages: 1, waiting: 2 });

    await account.client.conversations.v1.configuration.webhooks().update({
      postWebhookUrl: receiver.url,
      filters: ["onDeliveryUpdated"],
    });
    await account.emulator.advance(60_000);
    expect((await setPhone(account, whatsapp, "on")).body).toMatchObject({
      state: "on",
      messages: 3,
      waiting: 0,
    });
    await account.emulator.settle();
    expect(await bodies(account, whatsapp)).toEqual(["first", "second"]);
    expect((await account.inbox(whatsapp)).at(-1)?.at).toBe(new Date(startTime + 60_000).toISOString());
    expect(await outcomes(conversation, second.sid)).toEqual(["delivered", "delivered"]);
    expect(receiver.values("Status")).toEqual(["delivered", "delivered"]);
    await setPhone(account, whatsapp, "on");
    expect(await bodies(account, whatsapp)).toEqual(["first", "second"]);
  });

  it("is off in a snapshot, too, which contains the messages held for it", async () => {
    const account = fixture.current;
    const { conversation } = await setUp(account);
    await setPhone(account, whatsapp, "off");
    const { sid } = await conversation.messages.create({ body: "kept" });
    await account.emulator.settle();
    const snapshot = await account.control("GET", "/snapshot");
    await account.control("POST", "/reset");
    expect((await account.control("POST", "/restore", snapshot.body)).status).toBe(200);
    expect(await outcomes(conversation, sid)).toEqual(["delivered", "sent"]);
    await setPhone(account, whatsapp, "on");
    expect(await outcomes(conversation, sid)).toEqual(["delivered", "delivered"]);
    expect(await bodies(account, whatsapp)).toEqual(["kept"]);
  });
});

describe("a phone that cannot be reached", () => {
  it.each([
    [sms, "unreachable", "undelivered 30003"],
    [sms, "unknown", "undelivered 30005"],
    [sms, "landline", "undelivered 30006"],
    [sms, "blocked", "undelivered 30004"],
    [whatsapp, "unreachable", "undelivered 63024"],
    [whatsapp, "unknown", "undelivered 63024"],
    [whatsapp, "blocked", "undelivered 63014"],
  ])("%s, %s: %s, for this person only", async (address, state, outcome) => {
    const account = fixture.current;
    const { conversation } = await setUp(account);
    await setPhone(account, address, state);
    const results = await post(account, conversation, { body: "Hello" });
    expect(results).toEqual(address === sms ? [outcome, "delivered"] : ["delivered", outcome]);
    expect(await bodies(account, address)).toEqual([]);
    await setPhone(account, address, "on");
    expect(await bodies(account, address)).toEqual([]);
    expect(await post(account, conversation, { body: "Hello again" })).toEqual(["delivered", "delivered"]);
  });

  it("has only states of its channel", async () => {
    const account = fixture.current;
    expect(await setPhone(account, whatsapp, "landline")).toMatchObject({
      status: 400,
      body: { field: "state" },
    });
    expect(await setPhone(account, sms, "asleep")).toMatchObject({ status: 400, body: { field: "state" } });
    for (const address of ["nowhere", account.emulator.smsNumber])
      expect(await setPhone(account, address, "off")).toMatchObject({
        status: 400,
        body: { field: "address" },
      });
  });
});

/** "Read Horizon and Read Status in Conversations": Twilio advances the horizon of WhatsApp participants. */
describe("reading", () => {
  it("marks WhatsApp messages as read and advances the read horizon, once", async () => {
    const account = fixture.current;
    const { conversation, riderSid } = await setUp(account);
    await conversation.messages.create({ body: "first" });
    const { sid } = await conversation.messages.create({ body: "second" });
    await account.emulator.settle();
    const receiver = await account.receiver();
    await account.client.conversations.v1.configuration.webhooks().update({
      postWebhookUrl: receiver.url,
      filters: ["onDeliveryUpdated", "onParticipantUpdated"],
    });
    await account.emulator.advance(60_000);

    expect((await read(account, whatsapp)).body).toEqual({ address: whatsapp, read: 2 });
    await account.emulator.settle();
    expect(await outcomes(conversation, sid)).toEqual(["delivered", "read"]);
    expect((await conversation.messages(sid).fetch()).delivery).toMatchObject({
      delivered: "all",
      read: "some",
    });
    expect((await account.inbox(whatsapp)).map(({ status }) => status)).toEqual(["sent", "read", "read"]);
    const rider = await conversation.participants(riderSid).fetch();
    expect(rider.lastReadMessageIndex).toBe(1);
    expect(new Date(rider.lastReadTimestamp).getTime()).toBe(startTime + 60_000);
    expect(receiver.received.map(({ fields }) => [fields.get("EventType"), fields.get("Source")])).toEqual([
      ["onDeliveryUpdated", "API"],
      ["onDeliveryUpdated", "API"],
      ["onParticipantUpdated", "WHATSAPP"],
    ]);
    expect(receiver.values("LastReadMessageIndex").at(-1)).toBe("1");

    expect((await read(account, whatsapp)).body).toMatchObject({ read: 0 });
    await account.emulator.settle();
    expect(receiver.received).toHaveLength(3);
  });

  it("does not move a read horizon backwards", async () => {
    const account = fixture.current;
    const { conversation, riderSid } = await setUp(account);
    await post(account, conversation, { body: "first" });
    await conversation.participants(riderSid).update({ lastReadMessageIndex: 7 });
    await read(account, whatsapp);
    expect((await conversation.participants(riderSid).fetch()).lastReadMessageIndex).toBe(7);
  });

  it("changes only the receipts of a closed conversation", async () => {
    const account = fixture.current;
    const { conversation, riderSid } = await setUp(account);
    const { sid } = await conversation.messages.create({ body: "Goodbye" });
    await account.emulator.settle();
    await conversation.update({ state: "closed" });
    await read(account, whatsapp);
    expect(await outcomes(conversation, sid)).toEqual(["delivered", "read"]);
    expect((await conversation.participants(riderSid).fetch()).lastReadMessageIndex).toBeNull();
  });

  it("of a deleted message changes only the phone", async () => {
    const account = fixture.current;
    const { conversation } = await setUp(account);
    const { sid } = await conversation.messages.create({ body: "Forget it" });
    await account.emulator.settle();
    await conversation.messages(sid).remove();
    expect((await read(account, whatsapp)).body).toMatchObject({ read: 1 });
  });

  it("is not reported on SMS", async () => {
    const account = fixture.current;
    const { conversation } = await setUp(account);
    const { sid } = await conversation.messages.create({ body: "Hello" });
    await account.emulator.settle();
    expect((await read(account, sms)).body).toEqual({ address: sms, read: 0 });
    expect((await outcomes(conversation, sid))[0]).toBe("delivered");
  });
});

/** Messages from no conversation: a text between two people, the replies of a number. */
describe("a message without a receipt", () => {
  const friend = "+15558675312";

  it("waits for a phone that is off", async () => {
    const account = fixture.current;
    await setPhone(account, friend, "off");
    await account.send(sms, "", { to: [account.emulator.smsNumber, friend], body: "Dinner?" });
    expect(await bodies(account, friend)).toEqual([]);
    await setPhone(account, friend, "on");
    expect(await account.inbox(friend)).toMatchObject([{ direction: "in", from: sms, body: "Dinner?" }]);
  });

  it.each(["unknown", "landline"])("is not delivered to a phone that is %s", async (state) => {
    const account = fixture.current;
    await setPhone(account, friend, state);
    await account.send(sms, "", { to: [account.emulator.smsNumber, friend], body: "Dinner?" });
    await setPhone(account, friend, "on");
    expect(await bodies(account, friend)).toEqual([]);
  });

  it("has its outcome on the timeline when it is a number's reply", async () => {
    const account = fixture.current;
    const receiver = await account.receiver((_request, response) =>
      response.end("<Response><Message>We are closed</Message></Response>"),
    );
    const [number] = await account.client.incomingPhoneNumbers.list();
    await account.client.incomingPhoneNumbers(number?.sid ?? "").update({ smsUrl: receiver.url });
    await setPhone(account, sms, "blocked");
    await account.send(sms, account.emulator.smsNumber, "Hello");
    await setPhone(account, sms, "on");
    await account.control("POST", "/rules", { a2p: true });
    await account.send(sms, account.emulator.smsNumber, "Hello?");
    expect(await bodies(account, sms)).toEqual([]);
    const { body } = await account.control("GET", "/timeline");
    const entries = body.timeline as { kind: string; errorCode: number }[];
    expect(entries.filter(({ kind }) => kind === "delivery")).toMatchObject([
      { to: sms, status: "undelivered", errorCode: 30004 },
      { to: sms, status: "undelivered", errorCode: 30034 },
    ]);
  });
});
