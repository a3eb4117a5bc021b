import { describe, expect, it } from "vitest";
import { defaultService, notify, pushes, registerDevice } from "../support/devices.ts";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();

/** A device of alice's as a call to the control API has it. */
async function device(more: Record<string, unknown> = {}) {
  const { sid: credentialSid } = await fixture.current.client.conversations.v1.credentials.create({
    type: "apn",
  });
  return { type: "apn", endpoint: "token", credentialSid, ...more };
}

async function register(fields: unknown, identity = "alice") {
  const { status, body } = await fixture.current.control("POST", `/users/${identity}/bindings`, fields);
  return { status, body };
}

describe("A device", () => {
  it("keeps its binding, with new values, when it registers again", async () => {
    const first = await register(await device());
    await fixture.current.emulator.advance(5000);
    const fields = await device({ messageTypes: ["added_to_conversation"] });
    const second = await register(fields);
    expect(second.body).toMatchObject({ ...fields, sid: first.body.sid, identity: "alice" });
    const { bindings } = fixture.current.client.conversations.v1.services(String(first.body.serviceSid));
    const [binding, ...others] = await bindings.list();
    expect(binding?.dateUpdated).toEqual(new Date("2026-01-05T10:00:05Z"));
    expect(others).toEqual([]);
    expect((await register(await device({ endpoint: "another" }))).body.sid).not.toBe(first.body.sid);
  });

  it("belongs to a service", async () => {
    const { services } = fixture.current.client.conversations.v1;
    const { sid: serviceSid } = await services.create({ friendlyName: "Another" });
    expect((await register(await device({ serviceSid }))).body.serviceSid).toBe(serviceSid);
    expect(await services(serviceSid).bindings.list()).toHaveLength(1);
    expect(await services(fixture.current.emulator.chatServiceSid).bindings.list()).toEqual([]);
  });

  it.each([
    ["type", { type: "pigeon" }],
    ["type", { type: undefined }],
    ["sound", { sound: "ding" }],
    ["endpoint", { endpoint: "" }],
    ["credentialSid", { credentialSid: `CR${"0".repeat(32)}` }],
    ["credentialSid", { type: "fcm" }],
    ["messageTypes", { messageTypes: ["twilio.conversations.new_message"] }],
    ["messageTypes", { messageTypes: "new_message" }],
    ["serviceSid", { serviceSid: `IS${"0".repeat(32)}` }],
  ])("with a wrong %s is refused: %j", async (field, fields) => {
    expect(await register(await device(fields))).toMatchObject({ status: 400, body: { field } });
    expect(await fixture.current.client.conversations.v1.users.list()).toEqual([]);
  });

  it("of an identity that cannot be is refused as Twilio would", async () => {
    expect(await register(await device(), "system")).toMatchObject({ status: 400, body: { code: 50203 } });
  });
});

it.each([
  [{}, { status: 400, body: { field: "online" } }],
  [{ online: "yes" }, { status: 400, body: { field: "online" } }],
  [
    { online: true, serviceSid: "IS" },
    { status: 400, body: { field: "serviceSid" } },
  ],
  [{ online: false }, { status: 404, body: { error: "There is no user alice" } }],
])("Presence of %j is refused", async (fields, refused) => {
  expect(await fixture.current.control("POST", "/users/alice/presence", fields)).toMatchObject(refused);
});

it("A device that is not used for a year is forgotten; a push counts as use", async () => {
  const account = fixture.current;
  await account.client.conversations.v1.users.create({ identity: "alice" });
  await registerDevice(account, "alice", "fcm");
  const bindings = () => defaultService(account).bindings.list();
  const day = 24 * 60 * 60 * 1000;
  await notify(account, { "newMessage.enabled": true });
  await account.emulator.advance(300 * day);
  const conversation = await account.conversation();
  await conversation.participants.create({ identity: "alice" });
  await conversation.messages.create({ author: "bob", body: "Hi" });
  await account.emulator.settle();
  expect(await pushes(account, "alice")).not.toEqual([]);
  await account.emulator.advance(364 * day);
  expect(await bindings()).toHaveLength(1);
  await account.emulator.advance(day);
  expect(await bindings()).toEqual([]);
});
