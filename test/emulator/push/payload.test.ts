import { describe, expect, it } from "vitest";
import { notify, pushes, registerDevice } from "../support/devices.ts";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();

const notificationSid = expect.stringMatching(/^RU[0-9a-f]{32}$/);

/** Bob, in a conversation with Alice, who has a device of each kind. */
async function setUp() {
  const account = fixture.current;
  await notify(account, { "newMessage.enabled": true, "newMessage.withMedia.enabled": true });
  await notify(account, { "addedToConversation.enabled": true, "removedFromConversation.enabled": true });
  const conversation = await account.conversation({ uniqueName: "order-7", friendlyName: "Order 7" });
  const { sid } = await conversation.fetch();
  await conversation.participants.create({ identity: "bob" });
  const types = ["apn", "fcm", "gcm"] as const;
  for (const type of types) await registerDevice(account, "alice", type);
  const join = () => conversation.participants.create({ identity: "alice" });
  /** The payload that each of the devices receives. */
  const payloads = async (act: () => Promise<unknown>) => {
    const before = (await pushes(account)).length;
    await act();
    const sent = (await pushes(account)).slice(before);
    expect(sent.map(({ bindingType, status }) => [bindingType, status])).toEqual(
      types.map((type) => [type, "sent"]),
    );
    return sent.map(({ payload }) => payload);
  };
  return { account, conversation, sid, join, payloads };
}

describe("A push notification", () => {
  it("of a new message has the format of APNs, FCM or GCM", async () => {
    const { account, conversation, sid, join, payloads } = await setUp();
    await join();
    const body = "Where are you?";
    const write = () => conversation.messages.create({ author: "bob", body });
    const [apn, ...others] = await payloads(write);
    const [message] = await conversation.messages.list();
    const data = {
      conversation_sid: sid,
      conversation_title: "Order 7",
      author: "bob",
      message_sid: message?.sid,
      message_index: "0",
      twi_message_type: "twilio.conversations.new_message",
      twi_message_id: notificationSid,
    };
    const text = `order-7:bob: ${body}`;
    expect(apn).toEqual({ aps: { alert: { body: text } }, ...data });
    for (const other of others) expect(other).toEqual({ data: { ...data, twi_body: text } });

    await notify(account, { "newMessage.sound": "ring" });
    const [loud, loudOther] = await payloads(write);
    expect(loud).toMatchObject({ aps: { alert: { body: text }, sound: "ring" }, message_index: "1" });
    expect(loudOther).toMatchObject({ data: { twi_sound: "ring" } });
  });

  it("of a new media message describes the media, with the sound of new messages", async () => {
    const { account, conversation, join, payloads } = await setUp();
    await join();
    await notify(account, { "newMessage.sound": "ring" });
    const path = `/v1/Services/${account.emulator.chatServiceSid}/Media?Filename=map.png`;
    const upload = await account.rest("POST", path, "png", { "Content-Type": "image/png" });
    const mediaSid = String(upload.body.sid);
    const [apn, fcm] = await payloads(() => conversation.messages.create({ author: "bob", mediaSid }));
    const media = { filename: "map.png", size: 3, content_type: "image/png", sid: mediaSid };
    const data = {
      media_count: "1",
      media: JSON.stringify(media),
      twi_message_type: "twilio.conversations.new_message",
    };
    const text = "You have a new message in order-7 with 1 media files: map.png";
    expect(apn).toMatchObject({ aps: { alert: { body: text }, sound: "ring" }, ...data });
    expect(fcm).toMatchObject({ data: { ...data, twi_body: text, twi_sound: "ring" } });
  });

  it("of an addition or a removal names the conversation", async () => {
    const { conversation, sid, join, payloads } = await setUp();
    const names = { conversation_sid: sid, conversation_title: "Order 7" };
    const [added] = await payloads(join);
    expect(added).toEqual({
      aps: { alert: { body: "You have been added to the conversation order-7 by system" } },
      ...names,
      twi_message_type: "twilio.conversations.added_to_conversation",
      twi_message_id: notificationSid,
    });
    const [, removed] = await payloads(() => conversation.participants("alice").remove());
    expect(removed).toEqual({
      data: {
        ...names,
        twi_message_type: "twilio.conversations.removed_from_conversation",
        twi_message_id: notificationSid,
        twi_body: "system has removed you from the conversation order-7",
      },
    });
  });
});
