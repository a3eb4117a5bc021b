import { describe, expect, it } from "vitest";
import { type Bench, useBench } from "../support/emulator.ts";

const bench = useBench();
const driver = "+15558675310";
const rider = "whatsapp:+15558675311";

/** "Using WhatsApp with Conversations": Cross-Channel Masking. */
async function maskedConversation(b: Bench) {
  const conversation = await b.conversation({ friendlyName: "SMS-to-WhatsApp Example" });
  const add = (address: string, proxy: string) =>
    conversation.participants.create({
      "messagingBinding.address": address,
      "messagingBinding.proxyAddress": proxy,
    });
  const { sid: riderSid } = await add(rider, b.emulator.whatsappNumber);
  const { sid: driverSid } = await add(driver, b.emulator.smsNumber);
  return { conversation, driverSid, riderSid };
}

const real = useBench({ clock: "real", startTime: undefined });

describe("on a real clock", () => {
  it("messages reach the phones by themselves", async () => {
    const b = real.current;
    const { conversation } = await maskedConversation(b);
    const receiver = await b.receiver();
    await b.client.conversations.v1.configuration.webhooks().update({
      postWebhookUrl: receiver.url,
      filters: ["onDeliveryUpdated"],
    });
    await conversation.messages.create({ body: "Hello", author: rider });
    while (receiver.received.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(receiver.values("Status")).toEqual(["sent", "delivered"]);
    expect(await b.inbox(driver)).toMatchObject([{ body: "Hello" }]);
  });
});

describe("a message from a phone", () => {
  it("becomes a message of the pair's conversation, and reaches everybody else from their own proxy", async () => {
    const b = bench.current;
    const { conversation, riderSid } = await maskedConversation(b);
    await conversation.participants.create({ identity: "dispatcher" });
    const { sid } = await conversation.fetch();
    const answer = await b.send(rider, b.emulator.whatsappNumber, "I am outside");
    const [message] = await conversation.messages.list();
    expect(message).toMatchObject({
      author: rider,
      participantSid: riderSid,
      body: "I am outside",
      index: 0,
    });
    expect(answer).toEqual({ routed: true, conversationSid: sid, messageSid: message?.sid });
    expect(await b.inbox(driver)).toEqual([
      {
        sid: expect.stringMatching(/^SM/),
        direction: "in",
        from: b.emulator.smsNumber,
        to: driver,
        recipients: [],
        body: "I am outside",
        media: [],
        buttons: [],
        links: [],
        location: null,
        at: "2026-01-05T10:00:00.000Z",
        status: "delivered",
        conversationSid: sid,
        messageSid: message?.sid,
      },
    ]);
    expect(await b.inbox(rider)).toMatchObject([
      { direction: "out", to: b.emulator.whatsappNumber, status: "sent" },
    ]);
  });

  it("is that of the participant whose number pair it came by", async () => {
    const b = bench.current;
    const second = "+15017122662";
    await b.control("POST", "/numbers", { address: second });
    const conversation = await b.conversation();
    const sids: string[] = [];
    for (const proxyAddress of [b.emulator.smsNumber, second]) {
      const pair = {
        "messagingBinding.address": "+15558675310",
        "messagingBinding.proxyAddress": proxyAddress,
      };
      sids.push((await conversation.participants.create(pair)).sid);
    }
    await b.send("+15558675310", b.emulator.smsNumber, "One");
    await b.send("+15558675310", second, "Two");
    const messages = await conversation.messages.list();
    expect(messages.map(({ participantSid }) => participantSid)).toEqual(sids);
  });

  it("without a conversation for its pair is unrouted", async () => {
    const b = bench.current;
    expect(await b.send(driver, b.emulator.smsNumber, "Anybody?")).toEqual({
      routed: false,
      reason: "no conversation has this number pair",
    });
    expect(await b.inbox(driver)).toMatchObject([
      { direction: "out", conversationSid: null, messageSid: null },
    ]);
    const { body } = await b.control("GET", "/timeline");
    expect(body.timeline).toMatchObject([{ kind: "inbound", from: driver, body: "Anybody?", routed: false }]);
  });

  it("is unrouted again once the conversation is closed", async () => {
    const b = bench.current;
    const { conversation } = await maskedConversation(b);
    await conversation.update({ state: "closed" });
    expect(await b.send(driver, b.emulator.smsNumber, "Still there?")).toMatchObject({ routed: false });
  });

  it("carries media, which the others see and webhooks name", async () => {
    const b = bench.current;
    const { conversation } = await maskedConversation(b);
    const receiver = await b.receiver();
    await conversation.webhooks.create({
      target: "webhook",
      "configuration.url": receiver.url,
      "configuration.filters": ["onMessageAdded"],
    });
    await b.send(rider, b.emulator.whatsappNumber, { media: ["https://example.com/door.jpg"] });
    const [message] = await conversation.messages.list();
    const media = {
      sid: expect.stringMatching(/^ME/),
      size: 0,
      content_type: "image/jpeg",
      filename: "door.jpg",
    };
    expect(message).toMatchObject({ body: null, media: [media] });
    expect((await b.inbox(driver))[0]).toMatchObject({ body: "", media: ["https://example.com/door.jpg"] });
    const entry = {
      Sid: expect.stringMatching(/^ME/),
      Filename: "door.jpg",
      ContentType: "image/jpeg",
      Size: 0,
    };
    expect(JSON.parse(receiver.values("Media")[0] ?? "")).toEqual([entry]);
  });
});

/** "Delivery Receipts in Conversations". */
describe("fan-out", () => {
  it("gives each recipient outside chat a receipt, and the message a summary", async () => {
    const b = bench.current;
    const { conversation, driverSid, riderSid } = await maskedConversation(b);
    await b.send(rider, b.emulator.whatsappNumber, "open the window");
    const created = await conversation.messages.create({ body: "Hello both" });
    expect(created.delivery).toBeNull();
    await b.emulator.settle();
    const message = conversation.messages(created.sid);
    expect((await message.fetch()).delivery).toEqual({
      total: 2,
      sent: "all",
      delivered: "all",
      read: "none",
      failed: "none",
      undelivered: "none",
    });
    const receipts = await message.deliveryReceipts.list();
    expect(receipts).toMatchObject([
      {
        participantSid: riderSid,
        status: "delivered",
        errorCode: 0,
        channelMessageSid: expect.stringMatching(/^WA/),
      },
      {
        participantSid: driverSid,
        status: "delivered",
        errorCode: 0,
        channelMessageSid: expect.stringMatching(/^SM/),
      },
    ]);
    const [receipt] = receipts;
    expect(await message.deliveryReceipts(receipt?.sid ?? "").fetch()).toMatchObject({ sid: receipt?.sid });
  });

  it("passes by the author, whether named by address or by identity", async () => {
    const b = bench.current;
    const { conversation } = await maskedConversation(b);
    await conversation.messages.create({ body: "from the driver", author: driver });
    await b.emulator.settle();
    expect(await b.inbox(driver)).toEqual([]);
  });

  it("reaches the recipients of the moment, also when the conversation closes right after", async () => {
    const b = bench.current;
    const { conversation } = await maskedConversation(b);
    await conversation.messages.create({ body: "Goodbye" });
    await conversation.update({ state: "closed" });
    await b.emulator.settle();
    expect(await b.inbox(driver)).toMatchObject([{ body: "Goodbye" }]);
  });

  it("does not carry more than 1,600 characters to SMS", async () => {
    const b = bench.current;
    const { conversation } = await maskedConversation(b);
    const { sid } = await conversation.messages.create({ body: "x".repeat(1601), author: rider });
    await b.emulator.settle();
    const [receipt] = await conversation.messages(sid).deliveryReceipts.list();
    expect(receipt).toMatchObject({ status: "failed", errorCode: 21617 });
    expect(await b.inbox(driver)).toEqual([]);
  });
});
