import { describe, expect, it } from "vitest";
import { type Bench, startTime, useBench } from "../support/emulator.ts";
import { outcomes, pair, post, turn } from "../support/outbound.ts";

const bench = useBench();
const sms = "+15558675310";
const whatsapp = "whatsapp:+15558675311";

/** A chat agent with one person on SMS and one on WhatsApp, whose window is open. */
async function crowd(b: Bench) {
  const conversation = await b.conversation();
  await b.send(whatsapp, b.emulator.whatsappNumber, "open the window");
  await conversation.participants.create({ identity: "agent" });
  await conversation.participants.create(pair(sms, b.emulator.smsNumber));
  const { sid } = await conversation.participants.create(pair(whatsapp, b.emulator.whatsappNumber));
  return { conversation, riderSid: sid };
}

const read = (b: Bench, address: string) => b.control("POST", `/phones/${encodeURIComponent(address)}/read`);

async function bodies(b: Bench, address: string) {
  const shown = await b.inbox(address);
  return shown.filter(({ direction }) => direction === "in").map(({ body }) => body);
}

/** "Delivery Receipts in Conversations": what a phone that is off means for each channel. */
describe("a phone that is off", () => {
  it("has an SMS delivered all the same, and shows it when it is on again", async () => {
    const b = bench.current;
    const { conversation } = await crowd(b);
    await turn(b, sms, "off");
    expect((await post(b, conversation, { body: "Hello" }))[0]).toBe("delivered");
    expect(await bodies(b, sms)).toEqual([]);
    await turn(b, sms, "on");
    expect(await bodies(b, sms)).toEqual(["Hello"]);
  });

  it("leaves a WhatsApp message sent until it is on again, then gets all of them in order", async () => {
    const b = bench.current;
    const { conversation } = await crowd(b);
    const receiver = await b.receiver();
    await turn(b, whatsapp, "off");
    const first = await conversation.messages.create({ body: "first" });
    const second = await conversation.messages.create({ body: "second" });
    await b.emulator.settle();
    expect(await outcomes(conversation, first.sid)).toEqual(["delivered", "sent"]);
    expect((await conversation.messages(first.sid).fetch()).delivery).toMatchObject({
      total: 2,
      sent: "all",
      delivered: "some",
    });
    const { body } = await b.control("GET", `/phones/${encodeURIComponent(whatsapp)}`);
    expect(body).toEqual({ address: whatsapp, state: "off", messages: 1, waiting: 2 });

    await b.client.conversations.v1.configuration.webhooks().update({
      postWebhookUrl: receiver.url,
      filters: ["onDeliveryUpdated"],
    });
    await b.emulator.advance(60_000);
    expect((await turn(b, whatsapp, "on")).body).toMatchObject({ state: "on", messages: 3, waiting: 0 });
    await b.emulator.settle();
    expect(await bodies(b, whatsapp)).toEqual(["first", "second"]);
    expect((await b.inbox(whatsapp)).at(-1)?.at).toBe(new Date(startTime + 60_000).toISOString());
    expect(await outcomes(conversation, second.sid)).toEqual(["delivered", "delivered"]);
    expect(receiver.values("Status")).toEqual(["delivered", "delivered"]);
    await turn(b, whatsapp, "on");
    expect(await bodies(b, whatsapp)).toEqual(["first", "second"]);
  });

  it("is off in a snapshot, too, and what waits for it waits there", async () => {
    const b = bench.current;
    const { conversation } = await crowd(b);
    await turn(b, whatsapp, "off");
    const { sid } = await conversation.messages.create({ body: "kept" });
    await b.emulator.settle();
    const snapshot = await b.control("GET", "/snapshot");
    await b.control("POST", "/reset");
    expect((await b.control("POST", "/restore", snapshot.body)).status).toBe(200);
    expect(await outcomes(conversation, sid)).toEqual(["delivered", "sent"]);
    await turn(b, whatsapp, "on");
    expect(await outcomes(conversation, sid)).toEqual(["delivered", "delivered"]);
    expect(await bodies(b, whatsapp)).toEqual(["kept"]);
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
  ])("%s, %s: %s, for this person alone", async (address, state, outcome) => {
    const b = bench.current;
    const { conversation } = await crowd(b);
    await turn(b, address, state);
    const results = await post(b, conversation, { body: "Hello" });
    expect(results).toEqual(address === sms ? [outcome, "delivered"] : ["delivered", outcome]);
    expect(await bodies(b, address)).toEqual([]);
    await turn(b, address, "on");
    expect(await bodies(b, address)).toEqual([]);
    expect(await post(b, conversation, { body: "Hello again" })).toEqual(["delivered", "delivered"]);
  });

  it("has a state that its channel knows", async () => {
    const b = bench.current;
    expect(await turn(b, whatsapp, "landline")).toMatchObject({ status: 400, body: { field: "state" } });
    expect(await turn(b, sms, "asleep")).toMatchObject({ status: 400, body: { field: "state" } });
    for (const address of ["nowhere", b.emulator.smsNumber])
      expect(await turn(b, address, "off")).toMatchObject({ status: 400, body: { field: "address" } });
  });
});

/** "Read Horizon and Read Status in Conversations": Twilio advances the horizon of WhatsApp participants. */
describe("reading", () => {
  it("marks what arrived on WhatsApp as read and moves the horizon on, once", async () => {
    const b = bench.current;
    const { conversation, riderSid } = await crowd(b);
    await conversation.messages.create({ body: "first" });
    const { sid } = await conversation.messages.create({ body: "second" });
    await b.emulator.settle();
    const receiver = await b.receiver();
    await b.client.conversations.v1.configuration.webhooks().update({
      postWebhookUrl: receiver.url,
      filters: ["onDeliveryUpdated", "onParticipantUpdated"],
    });
    await b.emulator.advance(60_000);

    expect((await read(b, whatsapp)).body).toEqual({ address: whatsapp, read: 2 });
    await b.emulator.settle();
    expect(await outcomes(conversation, sid)).toEqual(["delivered", "read"]);
    expect((await conversation.messages(sid).fetch()).delivery).toMatchObject({
      delivered: "all",
      read: "some",
    });
    expect((await b.inbox(whatsapp)).map(({ status }) => status)).toEqual(["sent", "read", "read"]);
    const rider = await conversation.participants(riderSid).fetch();
    expect(rider.lastReadMessageIndex).toBe(1);
    expect(new Date(rider.lastReadTimestamp).getTime()).toBe(startTime + 60_000);
    expect(receiver.received.map(({ fields }) => [fields.get("EventType"), fields.get("Source")])).toEqual([
      ["onDeliveryUpdated", "API"],
      ["onDeliveryUpdated", "API"],
      ["onParticipantUpdated", "WHATSAPP"],
    ]);
    expect(receiver.values("LastReadMessageIndex").at(-1)).toBe("1");

    expect((await read(b, whatsapp)).body).toMatchObject({ read: 0 });
    await b.emulator.settle();
    expect(receiver.received).toHaveLength(3);
  });

  it("does not move a horizon back", async () => {
    const b = bench.current;
    const { conversation, riderSid } = await crowd(b);
    await post(b, conversation, { body: "first" });
    await conversation.participants(riderSid).update({ lastReadMessageIndex: 7 });
    await read(b, whatsapp);
    expect((await conversation.participants(riderSid).fetch()).lastReadMessageIndex).toBe(7);
  });

  it("leaves a closed conversation as it is, but for the receipts", async () => {
    const b = bench.current;
    const { conversation, riderSid } = await crowd(b);
    const { sid } = await conversation.messages.create({ body: "Goodbye" });
    await b.emulator.settle();
    await conversation.update({ state: "closed" });
    await read(b, whatsapp);
    expect(await outcomes(conversation, sid)).toEqual(["delivered", "read"]);
    expect((await conversation.participants(riderSid).fetch()).lastReadMessageIndex).toBeNull();
  });

  it("of a message that was deleted changes the phone alone", async () => {
    const b = bench.current;
    const { conversation } = await crowd(b);
    const { sid } = await conversation.messages.create({ body: "Forget it" });
    await b.emulator.settle();
    await conversation.messages(sid).remove();
    expect((await read(b, whatsapp)).body).toMatchObject({ read: 1 });
  });

  it("is not known of SMS", async () => {
    const b = bench.current;
    const { conversation } = await crowd(b);
    const { sid } = await conversation.messages.create({ body: "Hello" });
    await b.emulator.settle();
    expect((await read(b, sms)).body).toEqual({ address: sms, read: 0 });
    expect((await outcomes(conversation, sid))[0]).toBe("delivered");
  });
});

/** What comes from no conversation: a carrier's text from one person to another, the answers of a number. */
describe("what has no receipt", () => {
  const friend = "+15558675312";

  it("waits for a phone that is off", async () => {
    const b = bench.current;
    await turn(b, friend, "off");
    await b.send(sms, "", { to: [b.emulator.smsNumber, friend], body: "Dinner?" });
    expect(await bodies(b, friend)).toEqual([]);
    await turn(b, friend, "on");
    expect(await b.inbox(friend)).toMatchObject([{ direction: "in", from: sms, body: "Dinner?" }]);
  });

  it.each(["unknown", "landline"])("does not reach a phone that is %s", async (state) => {
    const b = bench.current;
    await turn(b, friend, state);
    await b.send(sms, "", { to: [b.emulator.smsNumber, friend], body: "Dinner?" });
    await turn(b, friend, "on");
    expect(await bodies(b, friend)).toEqual([]);
  });

  it("shows on the timeline what became of a number's own answer", async () => {
    const b = bench.current;
    const receiver = await b.receiver((_request, response) =>
      response.end("<Response><Message>We are closed</Message></Response>"),
    );
    const [number] = await b.client.incomingPhoneNumbers.list();
    await b.client.incomingPhoneNumbers(number?.sid ?? "").update({ smsUrl: receiver.url });
    await turn(b, sms, "blocked");
    await b.send(sms, b.emulator.smsNumber, "Hello");
    await turn(b, sms, "on");
    await b.control("POST", "/rules", { a2p: true });
    await b.send(sms, b.emulator.smsNumber, "Hello?");
    expect(await bodies(b, sms)).toEqual([]);
    const { body } = await b.control("GET", "/timeline");
    const entries = body.timeline as { kind: string; errorCode: number }[];
    expect(entries.filter(({ kind }) => kind === "delivery")).toMatchObject([
      { to: sms, status: "undelivered", errorCode: 30004 },
      { to: sms, status: "undelivered", errorCode: 30034 },
    ]);
  });
});
