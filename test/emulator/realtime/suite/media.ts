import type { Conversation, DetailedDeliveryReceipt, Message, PushNotification } from "@twilio/conversations";
import { next, type Scenarios, same } from "./context.ts";
import { opened, roomOf } from "./conversations.ts";

export const media: Scenarios = {
  async "sends files with a message, and reads them back"(context) {
    const [alice, bob] = [await context.signIn("alice"), await context.signIn("bob")];
    const arrived = next<Conversation>(bob, "conversationJoined");
    const room = await roomOf(alice, ["bob"]);
    await opened(await arrived);
    const heard = next<Message>(bob, "messageAdded");
    const file = (text: string) => ({ contentType: "text/plain", filename: `${text}.txt`, media: text });
    await room
      .prepareMessage()
      .setBody("two files")
      .addMedia(file("one"))
      .addMedia(file("two"))
      .build()
      .send();
    const message = await heard;
    const attached = message.attachedMedia ?? [];
    same(
      attached.map(({ filename, contentType, size, category }) => [filename, contentType, size, category]),
      [
        ["one.txt", "text/plain", 3, "media"],
        ["two.txt", "text/plain", 3, "media"],
      ],
    );
    same([message.type, message.body], ["media", "two files"]);
    const url = String(await attached[0]?.getContentTemporaryUrl());
    same(await context.fetchText(url), "one");
    const urls = await message.getTemporaryContentUrlsForAttachedMedia();
    same([...urls.keys()].length, 2);
    const [ofMessage, ofClient] = await Promise.all([
      message.getTemporaryContentUrlsForMedia(attached),
      bob.getTemporaryContentUrlsForMedia(attached),
    ]);
    same([ofMessage.size, ofClient.size], [2, 2]);
    for (const ofCategory of [message.getMediaByCategory(["media"]), message.getMediaByCategories(["media"])])
      same(
        ofCategory?.map(({ sid }) => sid),
        attached.map(({ sid }) => sid),
      );
    const [linked] = await message.attachTemporaryUrlsFor(attached);
    same(await context.fetchText(String(await linked?.getContentTemporaryUrl())), "one");
    const bySid = await bob.getTemporaryContentUrlsForMediaSids([String(attached[1]?.sid)]);
    same(await context.fetchText(String(bySid.get(String(attached[1]?.sid)))), "two");
  },

  async "shows delivery receipts of phones"(context) {
    const alice = await context.signIn("alice");
    const room = await roomOf(alice);
    const { smsNumber } = await context.control("GET", "/info");
    const joined = next(room, "participantJoined");
    await room.addNonChatParticipant(String(smsNumber), "+14155550101", { kind: "phone" });
    await joined;
    const phone = (await room.getParticipants()).find(({ type }) => type === "sms");
    same([phone?.identity, phone?.attributes], [null, { kind: "phone" }]);
    const delivered = next<{ message: Message }>(
      alice,
      "messageUpdated",
      ({ message }) => message.aggregatedDeliveryReceipt?.delivered === "all",
    );
    await room.sendMessage("to the phone");
    await context.control("POST", "/settle");
    const { message } = await delivered;
    same(message.aggregatedDeliveryReceipt?.total, 1);
    const receipts = (await message.getDetailedDeliveryReceipts()) as DetailedDeliveryReceipt[];
    same(
      receipts.map(({ status, participantSid, messageSid, conversationSid }) => [
        status,
        participantSid,
        messageSid,
        conversationSid,
      ]),
      [["delivered", phone?.sid, message.sid, room.sid]],
    );
    same(/^SM[0-9a-f]{32}$/.test(String(receipts[0]?.channelMessageSid)), true);
    same(await message.getChannelMetadata(), null);
  },

  async "sends the bodies of an email as files"(context) {
    const alice = await context.signIn("alice");
    const room = await roomOf(alice);
    const heard = next<Message>(alice, "messageAdded");
    const file = (media: string) => ({ contentType: "text/plain", media });
    const unsent = room
      .prepareMessage()
      .setSubject("Order 7")
      .setEmailBody("text/plain", file("It has left."))
      .setEmailHistory("text/plain", file("Where is it?"));
    const { emailOptions, mediaContent, text } = unsent.build();
    same(
      [emailOptions.subject, mediaContent.map(([category]) => category), text],
      ["Order 7", ["body", "history"], undefined],
    );
    await unsent.buildAndSend();
    const message = await heard;
    same([message.subject, message.attachedMedia], ["Order 7", []]);
    const texts = [message.getEmailBody(), message.getEmailHistory()].map(async (part) =>
      context.fetchText(String(await part?.getContentTemporaryUrl())),
    );
    same(await Promise.all(texts), ["It has left.", "Where is it?"]);
  },

  async "registers a device, which then receives pushes"(context) {
    const credential = await context.rest("POST", "/v1/Credentials", { Type: "fcm", Secret: "secret" });
    const services = (await context.rest("GET", "/v1/Services")).services as { sid: string }[];
    const service = `/v1/Services/${services[0]?.sid}`;
    await context.rest("POST", `${service}/Configuration/Notifications`, {
      "NewMessage.Enabled": "true",
      "NewMessage.Sound": "ring.mp3",
    });
    const alice = await context.signIn("alice", { pushCredentialSid: String(credential.sid) });
    await alice.setPushRegistrationId("fcm", "a device");
    const bindings = async () =>
      ((await context.rest("GET", `${service}/Bindings`)).bindings as Record<string, unknown>[]).map(
        ({ identity, endpoint, binding_type }) => [identity, endpoint, binding_type],
      );
    same(await bindings(), [["alice", "a device", "fcm"]]);
    const room = await roomOf(alice);
    await context.rest("POST", `/v1/Conversations/${room.sid}/Messages`, { Body: "ring", Author: "bob" });
    const { pushes } = await context.control("GET", "/pushes?identity=alice");
    const [push] = pushes as { payload: Record<string, never> }[];
    const shown = next<PushNotification>(alice, "pushNotification");
    await alice.handlePushNotification(push?.payload as never);
    const { body, sound, badge, title, action, type } = await shown;
    same([body, title, type], [`${room.sid}:bob: ring`, null, "twilio.conversations.new_message"]);
    same([sound, badge, action], ["ring.mp3", null, null]);
    same(alice.parsePushNotification(push?.payload as never).data.conversationSid, room.sid);
    await alice.removePushRegistrations("fcm", "a device");
    same(await bindings(), []);
    await alice.setPushRegistrationId("fcm", "another device");
    same(await bindings(), [["alice", "another device", "fcm"]]);
    await alice.unsetPushRegistrationId("fcm");
    same(await bindings(), []);
  },

  async "lists content templates, and sends one"(context) {
    const reply = { body: "Hello {{1}}", actions: [{ title: "Hi, {{1}}", id: "hi" }] };
    const types = { "twilio/text": { body: "Hello {{1}}" }, "twilio/quick-reply": reply };
    const sid = await context.template(types, { 1: "you" });
    const alice = await context.signIn("alice");
    const room = await roomOf(alice);
    const [template] = await alice.getContentTemplates();
    same([template?.sid, template?.variables.map(({ name, value }) => [name, value])], [sid, [["1", "you"]]]);
    same(template?.variants.get("twilio/text")?.type, "text");
    const heard = next<Message>(alice, "messageAdded");
    const variables = template?.variables.map((variable) => variable.copyWithValue("Ann")) ?? [];
    await room.prepareMessage().setContentTemplate(sid, variables).build().send();
    const message = await heard;
    same([message.body, message.contentSid, message.attachedMedia], ["Hello Ann", sid, []]);
    const rich = await message.getContentData();
    if (rich?.type !== "quickReply") throw new Error(`it is ${rich?.type}`);
    same([rich.body, rich.replies], ["Hello Ann", [{ title: "Hi, Ann", id: "hi" }]]);
    const { messages } = await context.rest("GET", `/v1/Conversations/${room.sid}/Messages`);
    same((messages as { media: unknown }[])[0]?.media, null);
  },
};
