import { describe, expect, it } from "vitest";
import { defaultService, notify, pushes, registerDevice, texts } from "../../support/devices.ts";
import { useAccount } from "../../support/emulator.ts";

const fixture = useAccount();
const robert = "+14155550101";

/** A conversation of Alice, Bob and Robert's phone, the first two with a device each. */
async function setUp() {
  const account = fixture.current;
  await notify(account, { "newMessage.enabled": true, "newMessage.template": "${MESSAGE}" });
  const conversation = await account.conversation({ uniqueName: "talk" });
  for (const identity of ["alice", "bob"]) {
    await conversation.participants.create({ identity });
    await registerDevice(account, identity, "fcm");
  }
  const { smsNumber } = account.emulator;
  await conversation.participants.create({
    "messagingBinding.address": robert,
    "messagingBinding.proxyAddress": smsNumber,
  });
  const write = (author: string, body: string) => conversation.messages.create({ author, body });
  return { account, conversation, write, smsNumber };
}

describe("Push notifications", () => {
  it("are disabled by default", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    await registerDevice(account, "alice", "fcm");
    const { sid } = await conversation.participants.create({ identity: "alice" });
    await conversation.messages.create({ author: "bob", body: "Hello" });
    await conversation.participants(sid).remove();
    expect(await pushes(account)).toEqual([]);
  });

  it("of a message are sent to all chat participants except its author, also for messages from phones", async () => {
    const { account, write, smsNumber } = await setUp();
    await write("alice", "I am Alice");
    await account.send(robert, smsNumber, "I am Robert");
    await write("system", "I am nobody");
    expect(await texts(account, "alice")).toEqual(["I am Robert", "I am nobody"]);
    expect(await texts(account, "bob")).toEqual(["I am Alice", "I am Robert", "I am nobody"]);
  });

  it("are not sent for conversations that a user has muted", async () => {
    const { account, conversation, write } = await setUp();
    await notify(account, { "removedFromConversation.enabled": true });
    const userConversation = account.client.conversations.v1.users("alice").userConversations("talk");
    await userConversation.update({ notificationLevel: "muted" });
    await write("bob", "Alice does not hear this");
    await userConversation.update({ notificationLevel: "default" });
    await write("bob", "Alice hears this");
    await userConversation.update({ notificationLevel: "muted" });
    await conversation.participants("alice").remove();
    expect(await texts(account, "alice")).toEqual(["Alice hears this"]);
  });

  it("are sent to every registered device with their message type", async () => {
    const { account, write } = await setUp();
    const tablet = await registerDevice(account, "alice", "apn", { endpoint: "tablet" });
    await registerDevice(account, "alice", "apn", {
      endpoint: "deaf",
      messageTypes: ["added_to_conversation"],
    });
    await write("bob", "one");
    await defaultService(account).bindings(tablet.sid).remove();
    await write("bob", "two");
    const sent = await pushes(account, "alice");
    expect(sent.map(({ endpoint }) => endpoint)).toEqual(["alice-endpoint", "tablet", "alice-endpoint"]);
  });

  it("fail when their credential was deleted, or is for another vendor", async () => {
    const { account, write } = await setUp();
    const { credentials } = account.client.conversations.v1;
    const phone = await registerDevice(account, "alice", "fcm");
    const watch = await registerDevice(account, "alice", "apn");
    await write("bob", "sent");
    await credentials(phone.credentialSid).remove();
    await credentials(watch.credentialSid).update({ type: "gcm" });
    await write("bob", "failed");
    const sent = await pushes(account, "alice");
    expect(sent.map(({ bindingSid, status }) => [bindingSid, status])).toEqual([
      [phone.sid, "sent"],
      [watch.sid, "sent"],
      [phone.sid, "failed"],
      [watch.sid, "failed"],
    ]);
  });

  it("of media messages are a separate kind", async () => {
    const { account, smsNumber } = await setUp();
    const media = ["https://example.com/map.png"];
    await account.send(robert, smsNumber, { body: "not pushed", media });
    await notify(account, {
      "newMessage.withMedia.enabled": true,
      "newMessage.withMedia.template": "${MESSAGE}!",
    });
    await account.send(robert, smsNumber, { body: "pushed once", media });
    await notify(account, { "newMessage.enabled": false });
    await account.send(robert, smsNumber, { body: "pushed all the same", media });
    await account.send(robert, smsNumber, "not pushed");
    expect(await texts(account, "alice")).toEqual(["pushed once!", "pushed all the same!"]);
  });

  it("are not sent when a conversation is deleted, but when a user is deleted", async () => {
    const { account, conversation } = await setUp();
    await notify(account, {
      "removedFromConversation.enabled": true,
      "removedFromConversation.template": "Bye",
    });
    await account.client.conversations.v1.users("bob").remove();
    await conversation.remove();
    expect(await texts(account, "alice")).toEqual([]);
    expect(await texts(account, "bob")).toEqual(["Bye"]);
  });

  it("are sent within one service", async () => {
    const { account, write } = await setUp();
    const { sid: serviceSid } = await account.client.conversations.v1.services.create({
      friendlyName: "Another",
    });
    await registerDevice(account, "alice", "apn", { serviceSid });
    await write("bob", "Hello");
    expect((await pushes(account, "alice")).map(({ bindingType }) => bindingType)).toEqual(["fcm"]);
  });

  it("are on the timeline", async () => {
    const { account, write } = await setUp();
    const { sid: messageSid, conversationSid } = await write("alice", "Hello");
    const [push] = await pushes(account);
    const { body } = await account.control("GET", "/timeline");
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
