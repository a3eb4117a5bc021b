import { startReceiver } from "../../emulator/support/receiver.ts";
import { pageThrough, type ScenarioContext } from "../run/context.ts";
import { inBothFamilies, inTheAccount } from "../run/scenario.ts";

const flowSid = `FW${"a".repeat(32)}`;
const webhook = {
  target: "webhook",
  "configuration.url": "https://example.com",
  "configuration.method": "get",
  "configuration.filters": ["onMessageAdded", "onConversationRemoved"],
} as const;
const filters = [...webhook["configuration.filters"]];

async function webhooksOf({ api: { conversations } }: ScenarioContext) {
  return conversations((await conversations.create()).sid).webhooks;
}

export const scopedWebhooks = [
  inBothFamilies("webhooks of a conversation are created, read, changed and deleted", async (context) => {
    const webhooks = await webhooksOf(context);
    const { sid } = await webhooks.create({
      ...webhook,
      "configuration.filters": filters,
      "configuration.replayAfter": 0,
    });
    const trigger = await webhooks.create({
      target: "trigger",
      "configuration.url": "https://example.com",
      "configuration.method": "post",
      "configuration.triggers": ["keyword1", "keyword2"],
    });
    const studio = await webhooks.create({ target: "studio", "configuration.flowSid": flowSid });
    await webhooks(sid).fetch();
    await webhooks(trigger.sid).fetch();
    await webhooks(studio.sid).fetch();
    await webhooks(sid).update({
      "configuration.url": "https://example.com/other",
      "configuration.method": "post",
      "configuration.filters": ["onMessageAdded"],
    });
    await webhooks(sid).update({ "configuration.method": "get" });
    await webhooks(trigger.sid).update({ "configuration.triggers": ["keyword3"] });
    await webhooks(studio.sid).update({ "configuration.flowSid": `FW${"b".repeat(32)}` });
    await webhooks.page();
    await pageThrough(context, webhooks);
    await context.rejected("400/50367", () =>
      webhooks(studio.sid).update({ "configuration.flowSid": "no-flow" }),
    );
    await webhooks(sid).remove();
    await context.rejected("404/20404", () => webhooks(sid).fetch());
    await context.rejected("404/20404", () => webhooks(sid).update({ "configuration.method": "get" }));
    await context.rejected("404/20404", () => webhooks(sid).remove());
  }),

  inBothFamilies("a webhook with invalid parameters is rejected", async (context) => {
    const webhooks = await webhooksOf(context);
    const good = { ...webhook, "configuration.filters": filters };
    const trigger = { target: "trigger", "configuration.url": "https://example.com" } as const;
    const keywords = (count: number) => Array.from({ length: count }, (_, at) => `keyword${at}`);
    const errors: [string, Parameters<typeof webhooks.create>[0]][] = [
      ["400/50368", { ...good, target: "" as "webhook" }],
      ["400/50364", { ...good, target: "pigeon" as "webhook" }],
      ["400/50369", { target: "webhook", "configuration.filters": filters }],
      ["400/50372", { ...good, "configuration.url": `https://example.com/${"x".repeat(500)}` }],
      ["400/50054", { ...good, "configuration.url": "nowhere" }],
      ["400/50055", { ...good, "configuration.method": "PATCH" as "get" }],
      ["400/50370", { target: "webhook", "configuration.url": "https://example.com" }],
      ["400/50365", { ...good, "configuration.filters": ["onFullMoon"] }],
      ["400/50516", { ...good, "configuration.replayAfter": -5 }],
      ["400/50371", trigger],
      ["400/50362", { ...trigger, "configuration.triggers": keywords(6) }],
      ["400/50366", { ...trigger, "configuration.triggers": ["x".repeat(249)] }],
      ["400/50367", { target: "studio", "configuration.flowSid": "no-flow" }],
    ];
    for (const [expected, params] of errors) await context.rejected(expected, () => webhooks.create(params));
    const created: { readonly sid: string }[] = [];
    for (const _ of keywords(5)) created.push(await webhooks.create(good));
    await context.rejected("400/50361", () => webhooks.create(good));
    const first = webhooks(created[0]?.sid ?? "");
    const changes: [string, Parameters<typeof first.update>[0]][] = [
      ["400/50054", { "configuration.url": "nowhere" }],
      ["400/50055", { "configuration.method": "PATCH" as "get" }],
      ["400/50365", { "configuration.filters": ["onFullMoon"] }],
      ["400/50372", { "configuration.url": `https://example.com/${"x".repeat(500)}` }],
    ];
    for (const [expected, params] of changes) await context.rejected(expected, () => first.update(params));
    await first.remove();
    const { sid } = await webhooks.create({ ...trigger, "configuration.triggers": ["help"] });
    const triggers: [string, string[]][] = [
      ["400/50362", keywords(6)],
      ["400/50366", ["x".repeat(249)]],
    ];
    for (const [expected, words] of triggers)
      await context.rejected(expected, () => webhooks(sid).update({ "configuration.triggers": words }));
  }),
];

/** Pre-action events, all of which can reject the action. */
const preActions = [
  "onConversationAdd",
  "onConversationUpdate",
  "onConversationRemove",
  "onParticipantAdd",
  "onParticipantUpdate",
  "onParticipantRemove",
  "onMessageAdd",
  "onMessageUpdate",
  "onMessageRemove",
  "onUserUpdate",
];
const told = { xTwilioWebhookEnabled: "true" } as const;

export const preActionWebhooks = [
  inBothFamilies("a pre-action webhook rejects changes", async (context) => {
    const { conversations, users } = context.api;
    const conversation = conversations((await conversations.create()).sid);
    const { participants, messages } = conversation;
    const alice = participants((await participants.create({ identity: "alice" })).sid);
    const message = messages((await messages.create({ body: "Hello" })).sid);
    const receiver = await startReceiver((_, response) => response.writeHead(403).end());
    try {
      const { configuration } = context.client.conversations.v1;
      await configuration.webhooks().update({ preWebhookUrl: receiver.url, filters: preActions });
      const calls = [
        () => conversations.create(told),
        () => conversation.update({ ...told, friendlyName: "No" }),
        () => conversation.remove(told),
        () => participants.create({ ...told, identity: "bob" }),
        () => alice.update({ ...told, attributes: "{}" }),
        () => alice.remove(told),
        () => messages.create({ ...told, body: "No" }),
        () => message.update({ ...told, body: "No" }),
        () => message.remove(told),
        () => users("alice").update({ ...told, friendlyName: "No" }),
      ];
      for (const call of calls) await context.rejected("400/50056", call);
    } finally {
      await receiver.close();
    }
  }),
];

export const webhookConfigurations = [
  inTheAccount("the webhooks of the account are read and changed", async (context) => {
    const { configuration } = context.client.conversations.v1;
    const webhooks = configuration.webhooks();
    await webhooks.fetch();
    await webhooks.update({
      preWebhookUrl: "https://example.com/pre",
      postWebhookUrl: "https://example.com/post",
      method: "POST",
      filters: ["onConversationUpdated"],
      target: "webhook",
    });
    await webhooks.fetch();
    await webhooks.update({ target: "flex" });
    await context.rejected("400/50077", () => webhooks.update({ preWebhookUrl: "nowhere" }));
    await context.rejected("400/50078", () => webhooks.update({ postWebhookUrl: "nowhere" }));
    await context.rejected("400/50055", () => webhooks.update({ method: "PATCH" }));
    await context.rejected("400/50365", () => webhooks.update({ filters: ["onFullMoon"] }));
    await context.rejected("400/50054", () => webhooks.update({ target: "pigeon" as "flex" }));
  }),

  inTheAccount("the webhooks of a service are read and changed", async (context) => {
    const { configuration } = context.client.conversations.v1.services(context.serviceSid);
    const webhooks = configuration.webhooks();
    await webhooks.fetch();
    await webhooks.update({
      preWebhookUrl: "https://www.example.com/pre",
      postWebhookUrl: "https://www.example.com/post",
      filters: ["onMessageRemove", "onParticipantAdd"],
      method: "POST",
    });
    await webhooks.fetch();
    await context.rejected("400/50055", () => webhooks.update({ method: "PATCH" }));
  }),
];
