import { describe, expect, it } from "vitest";
import { type TestAccount, useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const driver = "+15558675310";
const rider = "whatsapp:+15558675311";

/** "Using WhatsApp with Conversations": Cross-Channel Masking. */
async function maskedConversation(account: TestAccount) {
  const conversation = await account.conversation({ friendlyName: "SMS-to-WhatsApp Example" });
  const add = (address: string, proxy: string) =>
    conversation.participants.create({
      "messagingBinding.address": address,
      "messagingBinding.proxyAddress": proxy,
    });
  const { sid: riderSid } = await add(rider, account.emulator.whatsappNumber);
  const { sid: driverSid } = await add(driver, account.emulator.smsNumber);
  return { conversation, driverSid, riderSid };
}

const real = useAccount({ clock: "real", startTime: undefined });

describe("on a real clock", () => {
  it("messages reach the phones without a request to the control API", async () => {
    const account = real.current;
    const { conversation } = await maskedConversation(account);
    const receiver = await account.receiver();
    await account.client.conversations.v1.configuration.webhooks().update({
      postWebhookUrl: receiver.url,
      filters: ["onDeliveryUpdated"],
    });
    await conversation.messages.create({ body: "Hello", author: rider });
    while (receiver.received.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(receiver.values("Status")).toEqual(["sent", "delivered"]);
    expect(await account.inbox(driver)).toMatchObject([{ body: "Hello" }]);
  });
});

describe("a message from a phone", () => {
  it("becomes a message of the pair's conversation, and reaches every other participant from their own proxy address", async () => {
    const account = fixture.current;
    const { conversation, riderSid } = await maskedConversation(account);
    await conversation.participants.create({ identity: "dispatcher" });
    const { sid } = await conversation.fetch();
    const answer = await account.send(rider, account.emulator.whatsappNumber, "I am outside");
    const [message] = await conversation.messages.list();
    expect(message).toMatchObject({
      author: rider,
      participantSid: riderSid,
      body: "I am outside",
      index: 0,
    });
    expect(answer).toEqual({ routed: true, conversationSid: sid, messageSid: message?.sid });
    expect(await account.inbox(driver)).toEqual([
      {
        sid: expect.stringMatching(/^SM/),
        direction: "in",
        from: account.emulator.smsNumber,
        to: driver,
        recipients: [],
        body: "I am outside",
        media: [],
        buttons: [],
        choices: [],
        links: [],
        location: null,
        at: "2026-01-05T10:00:00.000Z",
        status: "delivered",
        conversationSid: sid,
        messageSid: message?.sid,
      },
    ]);
    expect(await account.inbox(rider)).toMatchObject([
      { direction: "out", to: account.emulator.whatsappNumber, status: "sent" },
    ]);
  });

  it("has the participant with its number pair as author", async () => {
    const account = fixture.current;
    const second = "+15017122662";
    await account.control("POST", "/numbers", { address: second });
    const conversation = await account.conversation();
    const sids: string[] = [];
    for (const proxyAddress of [account.emulator.smsNumber, second]) {
      const pair = {
        "messagingBinding.address": "+15558675310",
        "messagingBinding.proxyAddress": proxyAddress,
      };
      sids.push((await conversation.participants.create(pair)).sid);
    }
    await account.send("+15558675310", account.emulator.smsNumber, "One");
    await account.send("+15558675310", second, "Two");
    const messages = await conversation.messages.list();
    expect(messages.map(({ participantSid }) => participantSid)).toEqual(sids);
  });

  it("without a conversation for its pair is unrouted", async () => {
    const account = fixture.current;
    expect(await account.send(driver, account.emulator.smsNumber, "Anybody?")).toEqual({
      routed: false,
      reason: "no conversation has this number pair",
    });
    expect(await account.inbox(driver)).toMatchObject([
      { direction: "out", conversationSid: null, messageSid: null },
    ]);
    const { body } = await account.control("GET", "/timeline");
    expect(body.timeline).toMatchObject([{ kind: "inbound", from: driver, body: "Anybody?", routed: false }]);
  });

  it("is unrouted again once the conversation is closed", async () => {
    const account = fixture.current;
    const { conversation } = await maskedConversation(account);
    await conversation.update({ state: "closed" });
    expect(await account.send(driver, account.emulator.smsNumber, "Still there?")).toMatchObject({
      routed: false,
    });
  });

  it("has media, which other participants receive and webhooks list", async () => {
    const account = fixture.current;
    const { conversation } = await maskedConversation(account);
    const receiver = await account.receiver();
    await conversation.webhooks.create({
      target: "webhook",
      "configuration.url": receiver.url,
      "configuration.filters": ["onMessageAdded"],
    });
    await account.send(rider, account.emulator.whatsappNumber, { media: ["https://example.com/door.jpg"] });
    const [message] = await conversation.messages.list();
    const media = {
      sid: expect.stringMatching(/^ME/),
      size: 0,
      content_type: "image/jpeg",
      filename: "door.jpg",
    };
    expect(message).toMatchObject({ body: null, media: [media] });
    expect((await account.inbox(driver))[0]).toMatchObject({
      body: "",
      media: ["https://example.com/door.jpg"],
    });
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
  it("creates a receipt for each recipient outside chat, and a summary on the message", async () => {
    const account = fixture.current;
    const { conversation, driverSid, riderSid } = await maskedConversation(account);
    await account.send(rider, account.emulator.whatsappNumber, "open the window");
    const created = await conversation.messages.create({ body: "Hello both" });
    expect(created.delivery).toBeNull();
    await account.emulator.settle();
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

  it("excludes the author, given by address or by identity", async () => {
    const account = fixture.current;
    const { conversation } = await maskedConversation(account);
    await conversation.messages.create({ body: "from the driver", author: driver });
    await account.emulator.settle();
    expect(await account.inbox(driver)).toEqual([]);
  });

  it("reaches the recipients at the time of posting, also when the conversation closes right after", async () => {
    const account = fixture.current;
    const { conversation } = await maskedConversation(account);
    await conversation.messages.create({ body: "Goodbye" });
    await conversation.update({ state: "closed" });
    await account.emulator.settle();
    expect(await account.inbox(driver)).toMatchObject([{ body: "Goodbye" }]);
  });

  it("does not deliver more than 1,600 characters to SMS", async () => {
    const account = fixture.current;
    const { conversation } = await maskedConversation(account);
    const { sid } = await conversation.messages.create({ body: "x".repeat(1601), author: rider });
    await account.emulator.settle();
    const [receipt] = await conversation.messages(sid).deliveryReceipts.list();
    expect(receipt).toMatchObject({ status: "failed", errorCode: 21617 });
    expect(await account.inbox(driver)).toEqual([]);
  });
});
