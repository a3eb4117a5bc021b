import { expect, it } from "vitest";
import { withWebhooks } from "../support/client.ts";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Conversation with Participants Resource page: an SMS and a chat participant join, and it becomes active", async () => {
  const account = fixture.current;
  const api = account.client.conversations.v1;
  const receiver = await account.receiver();
  await api.configuration.webhooks().update({ postWebhookUrl: receiver.url });

  const created = await api.conversationWithParticipants.create({
    friendlyName: "Friendly Conversation",
    participant: [
      `{"messaging_binding": {"address": "+15558675310", "proxy_address": "${account.emulator.smsNumber}"}}`,
      '{"identity": "alice"}',
    ],
    ...withWebhooks,
  });
  expect(created).toMatchObject({ state: "initializing", friendlyName: "Friendly Conversation" });
  expect(Object.keys(created.links)).toEqual(["participants", "messages", "webhooks"]);

  await account.emulator.settle();
  const conversation = account.conversations(created.sid);
  expect((await conversation.fetch()).state).toBe("active");
  expect((await conversation.participants.list()).map(({ identity }) => identity)).toEqual([null, "alice"]);
  // Users are not of the conversation: their events keep no order with its own.
  expect(receiver.values("EventType").filter((type) => type !== "onUserAdded")).toEqual([
    "onConversationAdded",
    "onParticipantAdded",
    "onParticipantAdded",
    "onConversationStateUpdated",
  ]);
  const last = receiver.received.find(({ fields }) => fields.has("StateTo"))?.fields;
  expect(["StateFrom", "StateTo", "Reason"].map((name) => last?.get(name))).toEqual([
    "initializing",
    "active",
    "EVENT",
  ]);
});

it("The same page's group text: two people and a projected address", async () => {
  const account = fixture.current;
  const { sid } = await account.client.conversations.v1.conversationWithParticipants.create({
    friendlyName: "Friendly Conversation",
    participant: [
      '{"messaging_binding": {"address": "+15558675310"}}',
      '{"messaging_binding": {"address": "+15558675311"}}',
      `{"messaging_binding": {"projected_address": "${account.emulator.smsNumber}"}}`,
    ],
  });
  await account.emulator.settle();
  const participants = await account.conversations(sid).participants.list();
  expect(participants.map(({ messagingBinding, roleSid }) => [messagingBinding, roleSid])).toEqual([
    [{ type: "sms", address: "+15558675310" }, null],
    [{ type: "sms", address: "+15558675311" }, null],
    [{ type: "sms", projected_address: account.emulator.smsNumber }, null],
  ]);
});

it("While it is initializing every write is refused with 50386, and reads say so", async () => {
  const account = fixture.current;
  await account.control("POST", "/rules", { joining: 60_000 });
  const { sid } = await account.client.conversations.v1.conversationWithParticipants.create({
    participant: ['{"identity": "alice"}'],
  });
  const conversation = account.conversations(sid);
  const writes: [string, string, string][] = [
    ["POST", "", "FriendlyName=Other"],
    ["POST", "", "State=closed"],
    ["POST", "", "UniqueName=other"],
    ["POST", "", "Timers.Inactive=PT5M"],
    ["DELETE", "", ""],
    ["POST", "/Messages", "Body=Hi"],
    ["POST", "/Participants", "Identity=bob"],
    [
      "POST",
      "/Webhooks",
      "Target=webhook&Configuration.Url=https://example.com&Configuration.Filters=onMessageAdded",
    ],
  ];
  for (const base of ["/v1", `/v1/Services/${account.emulator.chatServiceSid}`]) {
    for (const [method, path, form] of writes) {
      const answer = await account.rest(method, `${base}/Conversations/${sid}${path}`, form);
      expect({ base, method, path, form, status: answer.status, code: answer.body.code }).toEqual({
        base,
        method,
        path,
        form,
        status: 400,
        code: 50386,
      });
    }
  }
  expect(await conversation.fetch()).toMatchObject({ state: "initializing" });
  expect(await account.conversations.list({ state: "initializing" })).toHaveLength(1);
  expect(await conversation.participants.list()).toEqual([]);

  await account.emulator.advance(59_999);
  expect(await conversation.fetch()).toMatchObject({ state: "initializing" });
  await account.emulator.advance(1);
  expect(await conversation.fetch()).toMatchObject({ state: "active" });
  await conversation.messages.create({ author: "alice", body: "Hi" });
});

it("It ends in real time when the clock stands still, and settling waits for it", async () => {
  const account = fixture.current;
  await account.control("POST", "/rules", { joining: 30 });
  const { sid } = await account.client.conversations.v1.conversationWithParticipants.create({
    participant: ['{"identity": "alice"}'],
  });
  const before = account.emulator.clock.now();
  await account.emulator.settle();
  expect(await account.conversations(sid).fetch()).toMatchObject({ state: "active" });
  expect(account.emulator.clock.now()).toBe(before);
});

it("It takes the parameters of a conversation, and ten participants", async () => {
  const account = fixture.current;
  const { conversationWithParticipants } = account.client.conversations.v1;
  const created = await conversationWithParticipants.create({
    uniqueName: "ten",
    attributes: '{"a":1}',
    dateCreated: new Date("2020-01-01T00:00:00Z"),
    "timers.inactive": "PT1M",
    "timers.closed": "PT10M",
    participant: Array.from({ length: 10 }, (_, i) => `{"identity":"user${i}"}`),
  });
  await account.emulator.settle();
  expect(await account.conversations("ten").fetch()).toMatchObject({
    sid: created.sid,
    state: "active",
    attributes: '{"a":1}',
    dateCreated: new Date("2020-01-01T00:00:00Z"),
    timers: { date_inactive: "2026-01-05T10:01:00Z" },
  });
  expect(await account.conversations("ten").participants.list()).toHaveLength(10);
  const create = (params: object) => rejection(conversationWithParticipants.create(params));
  expect(await create({ uniqueName: "ten" })).toBe("409/50353");
  expect(await create({ friendlyName: "x".repeat(257) })).toMatch(/^400/);
  expect(await create({ state: "closed" })).toBe("400/50384");
  const apple = { messaging_binding: { address: "apple:urn:mbid:person", proxy_address: "apple:agent" } };
  expect(await create({ participant: [JSON.stringify(apple)] })).toBe("501/20501");
  expect(await create({ "timers.inactive": "PT59S" })).toBe("400/50375");
  expect(await create({ "timers.closed": "PT9M" })).toBe("400/50376");
});

it("A participant's JSON has all parameters of the participant resource", async () => {
  const account = fixture.current;
  const { roles, conversationWithParticipants } = account.client.conversations.v1;
  const role = (await roles.list()).find(({ type }) => type === "conversation");
  const participant = {
    identity: "alice",
    attributes: '{"desk":1}',
    role_sid: role?.sid,
    date_created: "2020-01-01T00:00:00Z",
    date_updated: "2020-01-02T00:00:00Z",
  };
  const { sid } = await conversationWithParticipants.create({ participant: [JSON.stringify(participant)] });
  await account.emulator.settle();
  expect(await account.conversations(sid).participants.list()).toMatchObject([
    {
      identity: "alice",
      attributes: '{"desk":1}',
      roleSid: role?.sid,
      dateCreated: new Date("2020-01-01T00:00:00Z"),
      dateUpdated: new Date("2020-01-02T00:00:00Z"),
    },
  ]);
});

it("What is wrong with a participant is said at once", async () => {
  const account = fixture.current;
  const api = account.client.conversations.v1;
  const participant = ['{"identity": "alice"}'];
  const answer = await account.rest(
    "POST",
    "/v1/ConversationWithParticipants",
    new URLSearchParams({ Participant: participant[0] ?? "" }).toString(),
  );
  expect(answer).toMatchObject({ status: 202, body: { state: "initializing" } });
  expect((await account.rest("POST", "/v1/ConversationWithParticipants")).status).toBe(201);

  const pair = `{"messaging_binding": {"address": "+15558675310", "proxy_address": "${account.emulator.smsNumber}"}}`;
  const create = (...texts: string[]) => api.conversationWithParticipants.create({ participant: texts });
  expect(await rejection(create("{"))).toBe("400/50424");
  expect(await rejection(create('{"identity":"a","date_created":"yesterday"}'))).toBe("400/50308");
  expect(await rejection(create('{"identity":"a","date_updated":"never"}'))).toBe("400/50309");
  expect(await rejection(create('{"identity":"US00000000000000000000000000000000"}'))).toBe("400/50206");
  expect(await rejection(create(...Array.from({ length: 11 }, (_, i) => `{"identity":"u${i}"}`)))).toBe(
    "400/50426",
  );
  expect(await rejection(create(pair, pair))).toBe("409/50425");
  expect(await rejection(create('{"identity":"a"}', '{"identity":"a"}'))).toBe("409/50433");
  expect(await rejection(create('{"messaging_binding":{"address":"+15558675310"}}'))).toBe("400/50435");
  expect(await account.conversations.list()).toHaveLength(2);
});
