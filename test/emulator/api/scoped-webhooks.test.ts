import { describe, expect, it } from "vitest";
import { withWebhooks } from "../support/client.ts";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const flowSid = `FW${"0".repeat(32)}`;
const url = "https://example.com/hook";
const complete = {
  target: "webhook",
  "configuration.url": "https://example.com",
  "configuration.filters": ["onMessageAdded", "onConversationRemoved"],
} as const;
const params = () => ({ ...complete, "configuration.filters": [...complete["configuration.filters"]] });

describe("a conversation-scoped webhook", () => {
  it("is created with the fields of the API's own example", async () => {
    const account = fixture.current;
    const { sid } = await account.conversations.create();
    const form =
      "Target=WebHook&Configuration.Url=https%3A%2F%2Fexample.com&Configuration.Method=GET" +
      "&Configuration.Filters=onMessageAdded&Configuration.Filters=onConversationRemoved";
    const { status, body } = await account.rest("POST", `/v1/Conversations/${sid}/Webhooks`, form);
    expect(status).toBe(201);
    expect(body).toEqual({
      account_sid: account.emulator.accountSid,
      conversation_sid: sid,
      sid: expect.stringMatching(/^WH[0-9a-f]{32}$/),
      target: "webhook",
      configuration: {
        url: "https://example.com",
        method: "get",
        filters: ["onMessageAdded", "onConversationRemoved"],
      },
      date_created: "2026-01-05T10:00:00Z",
      date_updated: "2026-01-05T10:00:00Z",
      url: `${account.emulator.url}/v1/Conversations/${sid}/Webhooks/${body.sid}`,
    });
  });

  it("is fetched, updated and listed", async () => {
    const conversation = await fixture.current.conversation();
    const { sid } = await conversation.webhooks.create(params());
    const webhook = conversation.webhooks(sid);
    expect((await webhook.fetch()).configuration).toMatchObject({ method: "post" });
    const updated = await webhook.update({
      "configuration.url": "https://example.org",
      "configuration.method": "get",
    });
    expect(updated.configuration).toEqual({
      url: "https://example.org",
      method: "get",
      filters: ["onMessageAdded", "onConversationRemoved"],
    });
    expect((await conversation.webhooks.list()).map((listed) => listed.sid)).toEqual([sid]);
  });

  it("is deleted once, also by two at the same time", async () => {
    const conversation = await fixture.current.conversation();
    const { sid } = await conversation.webhooks.create(params());
    const webhook = conversation.webhooks(sid);
    const answers = await Promise.allSettled([webhook.remove(), webhook.remove()]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(await rejection(webhook.remove())).toBe("404/20404");
    expect(await rejection(webhook.fetch())).toBe("404/20404");
  });

  it("is one of five at most", async () => {
    const conversation = await fixture.current.conversation();
    for (let i = 0; i < 5; i += 1) await conversation.webhooks.create(params());
    expect(await rejection(conversation.webhooks.create(params()))).toBe("400/50361");
    expect(await conversation.webhooks.list()).toHaveLength(5);
  });

  it.each([
    ["Configuration.Url=http://x", 50368],
    ["Target=carrier-pigeon", 50364],
    ["Target=webhook&Configuration.Filters=onMessageAdded", 50369],
    ["Target=webhook&Configuration.Url=http://x", 50370],
    [`Target=webhook&Configuration.Url=http://${"x".repeat(512)}`, 50372],
    ["Target=webhook&Configuration.Url=ftp://x&Configuration.Filters=onMessageAdded", 50054],
    ["Target=webhook&Configuration.Url=http://x&Configuration.Filters=onMessageAded", 50365],
    ["Target=webhook&Configuration.Url=http://x&Configuration.Filters=onMessageAdd", 50365],
    [
      "Target=webhook&Configuration.Url=http://x&Configuration.Method=PUT&Configuration.Filters=onMessageAdded",
      50055,
    ],
    [
      "Target=webhook&Configuration.Url=http://x&Configuration.Filters=onMessageAdded&Configuration.ReplayAfter=x",
      50516,
    ],
    ["Target=trigger&Configuration.Url=http://x", 50371],
    [`Target=trigger&Configuration.Url=http://x&Configuration.Triggers=${"x".repeat(249)}`, 50366],
    [`Target=trigger&Configuration.Url=http://x${"&Configuration.Triggers=x".repeat(6)}`, 50362],
    ["Target=studio&Configuration.FlowSid=FW1", 50367],
  ])("is refused for %s", async (form, code) => {
    const { sid } = await fixture.current.conversations.create();
    const { body } = await fixture.current.rest("POST", `/v1/Conversations/${sid}/Webhooks`, form);
    expect(body).toMatchObject({ code, status: 400 });
  });

  it("with a keyword is called for new messages that hold it, in any case, and for nothing else", async () => {
    const account = fixture.current;
    const receiver = await account.receiver();
    const conversation = await account.conversation();
    const webhook = await conversation.webhooks.create({
      target: "trigger",
      "configuration.url": receiver.url,
      "configuration.triggers": ["help", "agent"],
    });
    expect(webhook).toMatchObject({
      target: "trigger",
      configuration: { url: receiver.url, method: "post", filters: ["help", "agent"] },
    });
    for (const body of ["Hello", "I need HELP please", "an Agent?"]) {
      await conversation.messages.create({ body, ...withWebhooks });
    }
    await conversation.update({ friendlyName: "help", ...withWebhooks });
    await account.emulator.settle();
    expect(receiver.values("Body")).toEqual(["I need HELP please", "an Agent?"]);
  });

  it("to Studio is created, and the timeline reports its missing flow", async () => {
    const account = fixture.current;
    const flowSid = `FW${"0".repeat(32)}`;
    const conversation = await account.conversation();
    const { sid, configuration } = await conversation.webhooks.create({
      target: "studio",
      "configuration.flowSid": flowSid,
      "configuration.filters": ["onMessageAdded"],
    });
    expect(configuration).toEqual({ filters: ["onMessageAdded"], flow_sid: flowSid });
    await conversation.messages.create({ body: "Hi", ...withWebhooks });
    const { body } = await account.control("GET", "/timeline");
    expect(body.timeline).toContainEqual(
      expect.objectContaining({
        kind: "studio",
        webhookSid: sid,
        message: expect.stringMatching(/no Studio flow/),
      }),
    );
  });
});

describe("the configuration of a scoped webhook", () => {
  it.each([
    [
      { target: "webhook", "configuration.triggers": ["word"], "configuration.flowSid": flowSid },
      { url, method: "post", filters: ["onMessageAdded"] },
    ],
    [
      { target: "trigger", "configuration.triggers": ["word"], "configuration.flowSid": flowSid },
      { url, method: "post", filters: ["word"] },
    ],
    [
      { target: "studio", "configuration.triggers": ["word"], "configuration.flowSid": flowSid },
      { flow_sid: flowSid, filters: ["onMessageAdded"] },
    ],
  ])("keeps what belongs to its target: %j", async (fields, configuration) => {
    const { sid } = await (await fixture.current.conversation()).fetch();
    const all = {
      "configuration.url": url,
      "configuration.method": "POST",
      "configuration.filters": ["onMessageAdded"],
    };
    const { webhooks } = fixture.current.conversations(sid);
    const made = await webhooks.create({ ...all, ...fields } as never);
    const { body } = await fixture.current.rest("GET", `/v1/Conversations/${sid}/Webhooks/${made.sid}`);
    expect(body.configuration).toEqual(configuration);
    await webhooks(made.sid).update({
      ...all,
      "configuration.flowSid": flowSid,
      "configuration.triggers": ["word"],
    } as never);
    const updated = await fixture.current.rest("GET", `/v1/Conversations/${sid}/Webhooks/${made.sid}`);
    expect(updated.body.configuration).toEqual(configuration);
  });

  it("refuses what is no flow, whatever its target", async () => {
    const { webhooks } = await fixture.current.conversation();
    const params = {
      target: "webhook" as const,
      "configuration.url": url,
      "configuration.filters": ["onMessageAdded"],
    };
    expect(await rejection(webhooks.create({ ...params, "configuration.flowSid": "FW1" }))).toBe("400/50367");
  });
});
