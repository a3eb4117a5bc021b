import { describe, expect, it } from "vitest";
import { withWebhooks } from "../support/client.ts";
import { rejection, startTime, useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const minutes = 60_000;

describe("a conversation", () => {
  it("is created with the fields of the API's own example", async () => {
    const { body, status } = await fixture.current.rest(
      "POST",
      "/v1/Conversations",
      "FriendlyName=Home+Repair+Visit",
    );
    const { accountSid, chatServiceSid, messagingServiceSid, url } = fixture.current.emulator;
    const sid = String(body.sid);
    const self = `${url}/v1/Conversations/${sid}`;
    expect(status).toBe(201);
    expect(body).toEqual({
      sid: expect.stringMatching(/^CH[0-9a-f]{32}$/),
      account_sid: accountSid,
      chat_service_sid: chatServiceSid,
      messaging_service_sid: messagingServiceSid,
      friendly_name: "Home Repair Visit",
      unique_name: null,
      attributes: "{}",
      date_created: "2026-01-05T10:00:00Z",
      date_updated: "2026-01-05T10:00:00Z",
      state: "active",
      timers: {},
      bindings: null,
      url: self,
      links: {
        participants: `${self}/Participants`,
        messages: `${self}/Messages`,
        webhooks: `${self}/Webhooks`,
        export: `${self}/Export`,
      },
    });
  });

  it("names Twilio's host in its URLs when it was asked for under that host", async () => {
    const { url } = await (await fixture.current.conversation()).fetch();
    expect(url).toMatch(/^https:\/\/conversations\.twilio\.com\/v1\/Conversations\/CH/);
  });

  it("is found by SID and by unique name", async () => {
    const { sid } = await fixture.current.conversations.create({ uniqueName: "first conversation" });
    expect((await fixture.current.conversations("first conversation").fetch()).sid).toBe(sid);
    expect((await fixture.current.conversations(sid).fetch()).uniqueName).toBe("first conversation");
  });

  it("is the same through its service's path", async () => {
    const { client, emulator } = fixture.current;
    const service = client.conversations.v1.services(emulator.chatServiceSid);
    const { sid, url } = await service.conversations.create({ uniqueName: "order-7" });
    expect(url).toContain(`/v1/Services/${emulator.chatServiceSid}/Conversations/${sid}`);
    expect((await fixture.current.conversations("order-7").fetch()).sid).toBe(sid);
    expect(
      await rejection(client.conversations.v1.services(`IS${"0".repeat(32)}`).conversations.list()),
    ).toBe("404/20404");
  });

  it("is updated, and its unique name moves with it", async () => {
    const conversation = await fixture.current.conversation({ uniqueName: "before" });
    await fixture.current.emulator.advance(5000);
    const updated = await conversation.update({
      uniqueName: "after",
      friendlyName: "Name",
      attributes: '{"a":1}',
    });
    expect(updated).toMatchObject({ uniqueName: "after", friendlyName: "Name", attributes: '{"a":1}' });
    expect(updated.dateUpdated.getTime() - updated.dateCreated.getTime()).toBe(5000);
    expect(await rejection(fixture.current.conversations("before").fetch())).toBe("404/20404");
    await fixture.current.conversations.create({ uniqueName: "before" });
  });

  it("keeps the dates that a migration gives it", async () => {
    const dateCreated = new Date("2015-12-16T22:18:37Z");
    const conversation = await fixture.current.conversations.create({ dateCreated });
    expect(conversation.dateCreated).toEqual(dateCreated);
  });

  it("is deleted once, also by two at the same time", async () => {
    const conversation = await fixture.current.conversation({ uniqueName: "gone" });
    const answers = await Promise.allSettled([conversation.remove(), conversation.remove()]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(await rejection(conversation.fetch())).toBe("404/20404");
    await fixture.current.conversations.create({ uniqueName: "gone" });
  });
});

describe("a list of conversations", () => {
  it("is read to its end by the official client", async () => {
    for (let i = 0; i < 7; i += 1) await fixture.current.conversations.create({ uniqueName: `c${i}` });
    const all = await fixture.current.conversations.list({ pageSize: 3 });
    expect(all.map(({ uniqueName }) => uniqueName)).toEqual(["c0", "c1", "c2", "c3", "c4", "c5", "c6"]);
  });

  it("is filtered by state and by date of creation, the latest first", async () => {
    await fixture.current.conversations.create({ uniqueName: "monday" });
    await fixture.current.emulator.advance(24 * 60 * minutes);
    await fixture.current.conversations.create({ uniqueName: "tuesday", state: "inactive" });
    const inactive = await fixture.current.conversations.list({ state: "inactive" });
    expect(inactive.map(({ uniqueName }) => uniqueName)).toEqual(["tuesday"]);
    const dated = await fixture.current.conversations.list({ startDate: "2026-01-05T00:00:00Z" });
    expect(dated.map(({ uniqueName }) => uniqueName)).toEqual(["tuesday", "monday"]);
    const first = await fixture.current.conversations.list({ endDate: "2026-01-05T23:59:59Z" });
    expect(first.map(({ uniqueName }) => uniqueName)).toEqual(["monday"]);
    const { body } = await fixture.current.rest(
      "GET",
      "/v1/Conversations?StartDate=2026-01-06&EndDate=2026-01-05",
    );
    expect(body).toMatchObject({ code: 50396, status: 400 });
  });
});

describe("what a conversation is refused for", () => {
  it.each([
    ["FriendlyName", "x".repeat(257), 50003],
    ["UniqueName", "x".repeat(257), 50004],
    ["UniqueName", `CH${"0".repeat(32)}`, 50390],
    ["Attributes", "no json", 50304],
    ["Attributes", JSON.stringify("x".repeat(16 * 1024)), 50303],
    ["MessagingServiceSid", "MG1", 50341],
    ["State", "", 50374],
    ["State", "asleep", 50378],
    ["State", "closed", 50384],
    ["Timers.Inactive", "P6M", 50379],
    ["Timers.Inactive", "PT59S", 50375],
    ["Timers.Closed", "P1Y", 50380],
    ["Timers.Closed", "PT9M59S", 50376],
    ["DateCreated", "yesterday", 50308],
    ["DateUpdated", "today", 50309],
  ])("%s %#", async (name, value, code) => {
    const form = new URLSearchParams([[name, value]]).toString();
    expect((await fixture.current.rest("POST", "/v1/Conversations", form)).body).toMatchObject({
      code,
      status: 400,
    });
  });

  it("a unique name that another conversation has", async () => {
    await fixture.current.conversations.create({ uniqueName: "taken" });
    const other = await fixture.current.conversation();
    expect(await rejection(fixture.current.conversations.create({ uniqueName: "taken" }))).toBe("409/50353");
    expect(await rejection(other.update({ uniqueName: "taken" }))).toBe("409/50353");
    await fixture.current.conversations("taken").update({ uniqueName: "taken" });
  });

  it("being closed: that is final", async () => {
    const conversation = await fixture.current.conversation();
    expect((await conversation.update({ state: "closed" })).state).toBe("closed");
    expect(await rejection(conversation.update({ state: "active" }))).toBe("400/50377");
    expect(await rejection(conversation.messages.create({ body: "too late" }))).toBe("400/50377");
    expect(await rejection(conversation.participants.create({ identity: "alice" }))).toBe("400/50377");
    await conversation.remove();
  });
});

/** "Using States and Timers in Conversations", the four scenarios. */
describe("states and timers", () => {
  const stateAfter = async (
    conversation: Awaited<ReturnType<typeof fixture.current.conversation>>,
    ms: number,
  ) => {
    await fixture.current.emulator.advance(ms);
    return (await conversation.fetch()).state;
  };

  it("go from active to inactive to closed with both timers", async () => {
    const timers = { "timers.inactive": "PT300S", "timers.closed": "PT30000S" };
    const conversation = await fixture.current.conversation(timers);
    expect((await conversation.fetch()).timers).toEqual({
      date_inactive: "2026-01-05T10:05:00Z",
      date_closed: "2026-01-05T18:25:00Z",
    });
    expect(await stateAfter(conversation, 299_000)).toBe("active");
    expect(await stateAfter(conversation, 1000)).toBe("inactive");
    expect(await stateAfter(conversation, 29_999_000)).toBe("inactive");
    expect(await stateAfter(conversation, 1000)).toBe("closed");
  });

  it("never change without timers", async () => {
    expect(await stateAfter(await fixture.current.conversation(), 365 * 24 * 60 * minutes)).toBe("active");
  });

  it("end inactive with an inactive timer alone", async () => {
    const conversation = await fixture.current.conversation({ "timers.inactive": "PT600S" });
    expect(await stateAfter(conversation, 365 * 24 * 60 * minutes)).toBe("inactive");
  });

  it("stay active until closed with a closed timer alone", async () => {
    const conversation = await fixture.current.conversation({ "timers.closed": "P30D" });
    expect(await stateAfter(conversation, 30 * 24 * 60 * minutes - 1000)).toBe("active");
    expect(await stateAfter(conversation, 1000)).toBe("closed");
  });

  it("start anew with each message, and a message makes an inactive conversation active", async () => {
    const conversation = await fixture.current.conversation({ "timers.inactive": "PT5M" });
    expect(await stateAfter(conversation, 4 * minutes)).toBe("active");
    await conversation.messages.create({ body: "still here" });
    expect(await stateAfter(conversation, 4 * minutes)).toBe("active");
    expect(await stateAfter(conversation, minutes)).toBe("inactive");
    await conversation.messages.create({ body: "back" });
    expect((await conversation.fetch()).state).toBe("active");
  });

  it("are switched off by PT0S", async () => {
    const conversation = await fixture.current.conversation({ "timers.inactive": "PT5M" });
    await conversation.update({ "timers.inactive": "PT0S" });
    expect((await conversation.fetch()).timers).toEqual({});
    expect(await stateAfter(conversation, 60 * minutes)).toBe("active");
  });

  it("tell webhooks why the state changed", async () => {
    const receiver = await fixture.current.receiver();
    await fixture.current.client.conversations.v1.configuration.webhooks().update({
      postWebhookUrl: receiver.url,
      filters: ["onConversationStateUpdated"],
    });
    const conversation = await fixture.current.conversation({ "timers.inactive": "PT5M" });
    await fixture.current.emulator.advance(5 * minutes);
    await conversation.messages.create({ body: "back", ...withWebhooks });
    await conversation.update({ state: "closed", ...withWebhooks });
    await fixture.current.emulator.settle();
    const told = receiver.received.map(({ fields }) =>
      ["StateFrom", "StateTo", "Reason"].map((key) => fields.get(key)),
    );
    expect(told).toEqual([
      ["active", "inactive", "TIMER"],
      ["inactive", "active", "EVENT"],
      ["active", "closed", "API"],
    ]);
    const { emulator } = fixture.current;
    expect(Object.fromEntries(receiver.received[0]?.fields ?? [])).toEqual({
      AccountSid: emulator.accountSid,
      EventType: "onConversationStateUpdated",
      Source: "API",
      RetryCount: "0",
      ChatServiceSid: emulator.chatServiceSid,
      ConversationSid: (await conversation.fetch()).sid,
      MessagingServiceSid: emulator.messagingServiceSid,
      StateUpdated: new Date(startTime + 5 * minutes).toISOString(),
      StateFrom: "active",
      StateTo: "inactive",
      Reason: "TIMER",
    });
  });
});
