import { expect, it } from "vitest";
import { useAccount } from "../emulator/support/emulator.ts";
import { pair, setPhone } from "../emulator/support/outbound.ts";

/*
 * The guide "Delivery Receipts in Conversations" step by step: an agent on
 * chat writes to one person on SMS and one on WhatsApp.
 */

const fixture = useAccount();
const smsUser = "+15558675310";
const whatsAppUser = "whatsapp:+15558675311";

/** The conversation of Example 1. The WhatsApp user has just written, which opens the window. */
async function agentWithTwoUsers() {
  const account = fixture.current;
  await account.send(whatsAppUser, account.emulator.whatsappNumber, "Is anybody there?");
  const conversation = await account.conversation({ friendlyName: "Support" });
  await conversation.participants.create({ identity: "agent" });
  const sms = await conversation.participants.create(pair(smsUser, account.emulator.smsNumber));
  const whatsApp = await conversation.participants.create(
    pair(whatsAppUser, account.emulator.whatsappNumber),
  );
  return { conversation, sms, whatsApp };
}

type Conversation = Awaited<ReturnType<typeof agentWithTwoUsers>>["conversation"];

/** "Update the onDeliveryUpdated Webhook URL": the account's post-event target. */
async function receiveDeliveryEvents() {
  const account = fixture.current;
  const receiver = await account.receiver();
  await account.client.conversations.v1.configuration
    .webhooks()
    .update({ postWebhookUrl: receiver.url, filters: ["onDeliveryUpdated"] });
  return receiver;
}

/** "Get detailed information from the Receipts Resource". */
async function statuses(conversation: Conversation, messageSid: string) {
  const receipts = await conversation.messages(messageSid).deliveryReceipts.list({ limit: 20 });
  return receipts.map(({ status, errorCode }) => [status, errorCode]);
}

const readOnPhone = (address: string) =>
  fixture.current.control("POST", `/phones/${encodeURIComponent(address)}/read`);

it("An agent on chat reads the receipts of a message to an SMS user and a WhatsApp user until it is read", async () => {
  const account = fixture.current;
  const { conversation, sms, whatsApp } = await agentWithTwoUsers();
  const receiver = await receiveDeliveryEvents();
  await setPhone(account, whatsAppUser, "off");

  // null: the message has been created, but not sent yet.
  const created = await conversation.messages.create({ author: "agent", body: "Your order is on its way" });
  expect(created.delivery).toBeNull();
  await account.emulator.settle();

  // The carrier has accepted the SMS; the WhatsApp message waits for a phone that is off.
  const message = conversation.messages(created.sid);
  expect((await message.fetch()).delivery).toEqual({
    total: 2,
    sent: "all",
    delivered: "some",
    read: "none",
    failed: "none",
    undelivered: "none",
  });
  expect(await message.deliveryReceipts.list({ limit: 20 })).toMatchObject([
    {
      sid: expect.stringMatching(/^DY/),
      messageSid: created.sid,
      channelMessageSid: expect.stringMatching(/^SM/),
      participantSid: sms.sid,
      status: "delivered",
    },
    {
      sid: expect.stringMatching(/^DY/),
      messageSid: created.sid,
      channelMessageSid: expect.stringMatching(/^WA/),
      participantSid: whatsApp.sid,
      status: "sent",
    },
  ]);

  await setPhone(account, whatsAppUser, "on");
  expect((await message.fetch()).delivery).toMatchObject({ sent: "all", delivered: "all", read: "none" });

  // Only WhatsApp has read receipts. The most recent status overrides the previous one.
  await readOnPhone(smsUser);
  await readOnPhone(whatsAppUser);
  expect((await message.fetch()).delivery).toEqual({
    total: 2,
    sent: "all",
    delivered: "all",
    read: "some",
    failed: "none",
    undelivered: "none",
  });
  expect(await statuses(conversation, created.sid)).toEqual([
    ["delivered", 0],
    ["read", 0],
  ]);
  expect((await conversation.participants(whatsApp.sid).fetch()).lastReadMessageIndex).toBe(created.index);
  expect((await conversation.participants(sms.sid).fetch()).lastReadMessageIndex).toBeNull();

  // The webhook has received every status, with the fields of the Receipts resource.
  await account.emulator.settle();
  const events = receiver.received.map(({ fields }) => [fields.get("ParticipantSid"), fields.get("Status")]);
  const of = (sid: string) => events.filter(([participantSid]) => participantSid === sid).map(([, s]) => s);
  expect(of(sms.sid)).toEqual(["sent", "delivered"]);
  expect(of(whatsApp.sid)).toEqual(["sent", "delivered", "read"]);
  const [, receipt] = await message.deliveryReceipts.list();
  expect(Object.fromEntries(receiver.received.at(-1)?.fields ?? [])).toMatchObject({
    EventType: "onDeliveryUpdated",
    ConversationSid: receipt?.conversationSid,
    MessageSid: created.sid,
    DeliveryReceiptSid: receipt?.sid,
    ChannelMessageSid: receipt?.channelMessageSid,
    ParticipantSid: whatsApp.sid,
    Status: "read",
    ErrorCode: "0",
  });
});

it("An agent finds out why a message was not delivered, from the summary to the error codes", async () => {
  const account = fixture.current;
  const { conversation, sms, whatsApp } = await agentWithTwoUsers();
  const receiver = await receiveDeliveryEvents();

  // The SMS user's number does not exist, and WhatsApp's 24 hours have passed.
  await setPhone(account, smsUser, "unknown");
  await account.emulator.advance(24 * 60 * 60 * 1000);
  const lost = await conversation.messages.create({ author: "agent", body: "Are you still there?" });
  await account.emulator.settle();
  expect((await conversation.messages(lost.sid).fetch()).delivery).toEqual({
    total: 2,
    sent: "all",
    delivered: "none",
    read: "none",
    failed: "none",
    undelivered: "all",
  });
  expect(await statuses(conversation, lost.sid)).toEqual([
    ["undelivered", 30005],
    ["undelivered", 63016],
  ]);

  // A message that Twilio rejects is never sent: the person has sent STOP.
  await setPhone(account, smsUser, "on");
  await account.send(smsUser, account.emulator.smsNumber, "STOP");
  await account.send(whatsAppUser, account.emulator.whatsappNumber, "Yes, here");
  const refused = await conversation.messages.create({ author: "agent", body: "Good to hear" });
  await account.emulator.settle();
  expect((await conversation.messages(refused.sid).fetch()).delivery).toEqual({
    total: 2,
    sent: "some",
    delivered: "some",
    read: "none",
    failed: "some",
    undelivered: "none",
  });
  expect(await statuses(conversation, refused.sid)).toEqual([
    ["failed", 21610],
    ["delivered", 0],
  ]);

  // Failed and undelivered are final, even if the phones change later.
  await readOnPhone(whatsAppUser);
  await account.send(smsUser, account.emulator.smsNumber, "START");
  expect(await statuses(conversation, lost.sid)).toEqual([
    ["undelivered", 30005],
    ["undelivered", 63016],
  ]);
  expect((await statuses(conversation, refused.sid))[0]).toEqual(["failed", 21610]);

  const failures = receiver.received
    .filter(({ fields }) => [lost.sid, refused.sid].includes(fields.get("MessageSid") ?? ""))
    .map(({ fields }) => [fields.get("ParticipantSid"), fields.get("Status"), fields.get("ErrorCode")])
    .filter(([, , errorCode]) => errorCode !== "0");
  expect(failures).toEqual([
    [sms.sid, "undelivered", "30005"],
    [whatsApp.sid, "undelivered", "63016"],
    [sms.sid, "failed", "21610"],
  ]);
});

it("Messages between participants outside chat have receipts, too; chat participants never have", async () => {
  const account = fixture.current;
  const { conversation, sms } = await agentWithTwoUsers();
  await conversation.participants.create({ identity: "supervisor" });

  // Example 2: "Where is the message between two SMS Participants in my Conversation?"
  const { messageSid } = await account.send(
    whatsAppUser,
    account.emulator.whatsappNumber,
    "I am at the door",
  );
  const receipts = await conversation.messages(String(messageSid)).deliveryReceipts.list();
  expect(receipts).toMatchObject([{ participantSid: sms.sid, status: "delivered" }]);
  expect((await conversation.messages(String(messageSid)).fetch()).delivery).toMatchObject({
    total: 1,
    delivered: "all",
  });

  // Messages among chat participants have no receipts.
  const office = await account.conversation();
  await office.participants.create({ identity: "agent" });
  await office.participants.create({ identity: "supervisor" });
  const { sid } = await office.messages.create({ author: "agent", body: "Lunch?" });
  await account.emulator.settle();
  expect((await office.messages(sid).fetch()).delivery).toBeNull();
  expect(await office.messages(sid).deliveryReceipts.list()).toEqual([]);
});
