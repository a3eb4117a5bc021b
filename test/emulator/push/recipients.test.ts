// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables are Twilio's
import { describe, expect, it } from "vitest";
import { defaultService, notify, pushes, registerDevice, texts } from "../support/devices.ts";
import { useBench } from "../support/emulator.ts";

const bench = useBench();
const robert = "+14155550101";

/** A conversation of Alice, Bob and Robert's phone, the first two with a device each. */
async function setUp() {
  const b = bench.current;
  await notify(b, { "newMessage.enabled": true, "newMessage.template": "${MESSAGE}" });
  const conversation = await b.conversation({ uniqueName: "talk" });
  for (const identity of ["alice", "bob"]) {
    await conversation.participants.create({ identity });
    await registerDevice(b, identity, "fcm");
  }
  const { smsNumber } = b.emulator;
  await conversation.participants.create({
    "messagingBinding.address": robert,
    "messagingBinding.proxyAddress": smsNumber,
  });
  const write = (author: string, body: string) => conversation.messages.create({ author, body });
  return { b, conversation, write, smsNumber };
}

describe("Push notifications", () => {
  it("are off until they are asked for", async () => {
    const b = bench.current;
    const conversation = await b.conversation();
    await registerDevice(b, "alice", "fcm");
    const { sid } = await conversation.participants.create({ identity: "alice" });
    await conversation.messages.create({ author: "bob", body: "Hello" });
    await conversation.participants(sid).remove();
    expect(await pushes(b)).toEqual([]);
  });

  it("of a message go to everybody in chat but its author, from phones too", async () => {
    const { b, write, smsNumber } = await setUp();
    await write("alice", "I am Alice");
    await b.send(robert, smsNumber, "I am Robert");
    await write("system", "I am nobody");
    expect(await texts(b, "alice")).toEqual(["I am Robert", "I am nobody"]);
    expect(await texts(b, "bob")).toEqual(["I am Alice", "I am Robert", "I am nobody"]);
  });

  it("are not for conversations that a user has muted", async () => {
    const { b, conversation, write } = await setUp();
    await notify(b, { "removedFromConversation.enabled": true });
    const place = b.client.conversations.v1.users("alice").userConversations("talk");
    await place.update({ notificationLevel: "muted" });
    await write("bob", "Alice does not hear this");
    await place.update({ notificationLevel: "default" });
    await write("bob", "Alice hears this");
    await place.update({ notificationLevel: "muted" });
    await conversation.participants("alice").remove();
    expect(await texts(b, "alice")).toEqual(["Alice hears this"]);
  });

  it("go to every device that listens to their kind, while it is registered", async () => {
    const { b, write } = await setUp();
    const tablet = await registerDevice(b, "alice", "apn", { endpoint: "tablet" });
    await registerDevice(b, "alice", "apn", { endpoint: "deaf", messageTypes: ["added_to_conversation"] });
    await write("bob", "one");
    await defaultService(b).bindings(tablet.sid).remove();
    await write("bob", "two");
    const sent = await pushes(b, "alice");
    expect(sent.map(({ endpoint }) => endpoint)).toEqual(["alice-endpoint", "tablet", "alice-endpoint"]);
  });

  it("fail when their credential is gone, or is for another vendor", async () => {
    const { b, write } = await setUp();
    const { credentials } = b.client.conversations.v1;
    const phone = await registerDevice(b, "alice", "fcm");
    const watch = await registerDevice(b, "alice", "apn");
    await write("bob", "sent");
    await credentials(phone.credentialSid).remove();
    await credentials(watch.credentialSid).update({ type: "gcm" });
    await write("bob", "failed");
    const sent = await pushes(b, "alice");
    expect(sent.map(({ bindingSid, status }) => [bindingSid, status])).toEqual([
      [phone.sid, "sent"],
      [watch.sid, "sent"],
      [phone.sid, "failed"],
      [watch.sid, "failed"],
    ]);
  });

  it("of media messages are a kind of their own", async () => {
    const { b, smsNumber } = await setUp();
    const media = ["https://example.com/map.png"];
    await b.send(robert, smsNumber, { body: "not pushed", media });
    await notify(b, { "newMessage.withMedia.enabled": true, "newMessage.withMedia.template": "${MESSAGE}!" });
    await b.send(robert, smsNumber, { body: "pushed once", media });
    await notify(b, { "newMessage.enabled": false });
    await b.send(robert, smsNumber, { body: "pushed all the same", media });
    await b.send(robert, smsNumber, "not pushed");
    expect(await texts(b, "alice")).toEqual(["pushed once!", "pushed all the same!"]);
  });

  it("do not tell of the end of a conversation, but of the end of a user", async () => {
    const { b, conversation } = await setUp();
    await notify(b, { "removedFromConversation.enabled": true, "removedFromConversation.template": "Bye" });
    await b.client.conversations.v1.users("bob").remove();
    await conversation.remove();
    expect(await texts(b, "alice")).toEqual([]);
    expect(await texts(b, "bob")).toEqual(["Bye"]);
  });

  it("stay in their service", async () => {
    const { b, write } = await setUp();
    const { sid: serviceSid } = await b.client.conversations.v1.services.create({ friendlyName: "Another" });
    await registerDevice(b, "alice", "apn", { serviceSid });
    await write("bob", "Hello");
    expect((await pushes(b, "alice")).map(({ bindingType }) => bindingType)).toEqual(["fcm"]);
  });

  it("are on the timeline", async () => {
    const { b, write } = await setUp();
    const { sid: messageSid, conversationSid } = await write("alice", "Hello");
    const [push] = await pushes(b);
    const { body } = await b.control("GET", "/timeline");
    const told = (body.timeline as { kind: string }[]).filter(({ kind }) => kind === "push");
    expect(told).toEqual([
      {
        at: "2026-01-05T10:00:00.000Z",
        kind: "push",
        messageType: "twilio.conversations.new_message",
        identity: "bob",
        bindingSid: push?.bindingSid,
        bindingType: "fcm",
        conversationSid,
        messageSid,
        status: "sent",
      },
    ]);
  });
});
