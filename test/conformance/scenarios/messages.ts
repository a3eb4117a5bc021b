import { pageThrough, personNumber, type ScenarioContext } from "../run/context.ts";
import { inBothFamilies } from "../run/scenario.ts";

const dates = {
  dateCreated: new Date("2025-12-16T22:18:37Z"),
  dateUpdated: new Date("2025-12-16T22:18:38Z"),
};

/** A conversation with one chat participant and one on SMS, whose phone gives receipts. */
async function withPhone({ api: { conversations }, emulator }: ScenarioContext) {
  const conversation = conversations((await conversations.create()).sid);
  await conversation.participants.create({ identity: "alice" });
  await conversation.participants.create({
    "messagingBinding.address": personNumber,
    "messagingBinding.proxyAddress": emulator.smsNumber,
  });
  return conversation;
}

async function template({ client }: ScenarioContext, body: string): Promise<string> {
  const content = { language: "en", friendly_name: "greeting", types: { "twilio/text": { body } } };
  const { sid } = await client.content.v1.contents.create(content as never);
  return sid;
}

export const messages = [
  inBothFamilies("a message is created, read, changed and deleted with every parameter", async (context) => {
    const { messages } = await withPhone(context);
    const { sid } = await messages.create({
      ...dates,
      author: "alice",
      body: "Hello",
      attributes: '{ "importance": "high" }',
      subject: "Greeting",
      xTwilioWebhookEnabled: "true",
    });
    await context.emulator.settle();
    await messages(sid).fetch();
    await messages(sid).update({
      ...dates,
      author: "alice",
      body: "Hello again",
      attributes: "{}",
      subject: "Another greeting",
      xTwilioWebhookEnabled: "true",
    });
    await messages(sid).remove({ xTwilioWebhookEnabled: "true" });
    await context.rejected("404/20404", () => messages(sid).fetch());
  }),

  inBothFamilies("a message is created from a template", async (context) => {
    const { messages } = await withPhone(context);
    const contentSid = await template(context, "Hello {{name}}");
    await messages.create({ author: "alice", contentSid, contentVariables: '{"name": "John"}' });
  }),

  inBothFamilies("a message is created with media", async (context) => {
    const { messages } = await withPhone(context);
    const mediaSid = await context.upload("car.jpg", "image/jpeg", "a picture");
    const { sid } = await messages.create({ author: "alice", mediaSid });
    await messages(sid).fetch();
    await context.rejected("409/50508", () => messages.create({ author: "alice", mediaSid }));
    await context.rejected("400/50509", () => messages(sid).update({ body: "Other words" }));
  }),

  inBothFamilies("messages are listed in both orders, page by page", async (context) => {
    const { messages } = await withPhone(context);
    await messages.create({ body: "One" });
    await messages.create({ contentSid: await template(context, "Two") });
    await messages.create({ body: "Three", attributes: '{ "importance": "high" }' });
    await context.emulator.settle();
    await messages.page({ order: "desc" });
    await messages.page({ order: "aSc" as "asc" });
    await pageThrough(context, messages);
    await context.rejected("400/20422", () => messages.page({ order: "sideways" as "asc" }));
  }),

  inBothFamilies("messages with media are listed", async (context) => {
    const { messages } = await withPhone(context);
    await messages.create({ mediaSid: await context.upload("car.jpg", "image/jpeg", "a picture") });
    await context.emulator.settle();
    await messages.page();
  }),

  inBothFamilies("delivery receipts of a message are listed and read", async (context) => {
    const conversation = await withPhone(context);
    await conversation.participants.create({
      "messagingBinding.address": `whatsapp:${personNumber}`,
      "messagingBinding.proxyAddress": context.emulator.whatsappNumber,
    });
    const { sid } = await conversation.messages.create({ body: "Are you there?" });
    await context.emulator.settle();
    const message = conversation.messages(sid);
    const [receipt] = await message.deliveryReceipts.list();
    await message.deliveryReceipts(receipt?.sid ?? "").fetch();
    await message.fetch();
    await pageThrough(context, message.deliveryReceipts);
    await context.rejected("404/20404", () => message.deliveryReceipts(`DY${"0".repeat(32)}`).fetch());
  }),

  inBothFamilies("a message with invalid parameters is rejected", async (context) => {
    const { messages } = await withPhone(context);
    const contentSid = await template(context, "Hello {{name}}");
    const tooMuch = JSON.stringify("x".repeat(17_000));
    const { sid: schedule } = await context.client.content.v1.contents.create({
      language: "en",
      types: { "twilio/schedule": { id: "times", title: "When?", timeSlots: "morning" } },
    } as never);
    const variables = (value: unknown) => ({ contentSid, contentVariables: JSON.stringify(value) });
    const errors: [string, Parameters<typeof messages.create>[0]][] = [
      ["400/50503", {}],
      ["400/50504", { body: "x".repeat(33_000) }],
      ["400/50310", { body: "Hello", author: "x".repeat(257) }],
      ["400/50304", { body: "Hello", attributes: "{" }],
      ["400/50303", { body: "Hello", attributes: tooMuch }],
      ["400/20422", { body: "Hello", subject: "x".repeat(257) }],
      ["400/50308", { body: "Hello", dateCreated: "soon" as never }],
      ["400/50309", { body: "Hello", dateUpdated: "soon" as never }],
      ["400/50510", { mediaSid: "no-media" }],
      ["404/50507", { mediaSid: `ME${"0".repeat(32)}` }],
      ["400/50526", { contentSid: "no-content" }],
      ["400/21655", { contentSid: `HX${"0".repeat(32)}` }],
      ["400/50528", { body: "Hello", contentVariables: "{}" }],
      ["400/50527", variables([])],
      ["400/50540", variables({ ["k".repeat(17)]: "value" })],
      ["400/50541", variables({ name: "x".repeat(257) })],
      ["400/50542", { contentSid: schedule }],
      ["413/20422", { body: "x".repeat(1_100_000) }],
      ["400/50529", variables(Object.fromEntries(Array.from({ length: 101 }, (_, at) => [at, "x"])))],
    ];
    for (const [expected, params] of errors) await context.rejected(expected, () => messages.create(params));
  }),

  inBothFamilies("a message with invalid changes stays unchanged", async (context) => {
    const { messages } = await withPhone(context);
    const { sid } = await messages.create({ body: "Hello" });
    const message = messages(sid);
    const errors: [string, Parameters<typeof message.update>[0]][] = [
      ["400/50504", { body: "x".repeat(33_000) }],
      ["400/50310", { author: "x".repeat(257) }],
      ["400/50304", { attributes: "{" }],
      ["400/50303", { attributes: JSON.stringify("x".repeat(17_000)) }],
      ["400/20422", { subject: "x".repeat(257) }],
      ["400/50308", { dateCreated: "soon" as never }],
      ["400/50309", { dateUpdated: "soon" as never }],
    ];
    for (const [expected, params] of errors) await context.rejected(expected, () => message.update(params));
    await context.rejected("404/20404", () => messages(`IM${"0".repeat(32)}`).update({ body: "Nobody" }));
    await context.rejected("404/20404", () => messages(`IM${"0".repeat(32)}`).remove());
    await message.fetch();
  }),

  inBothFamilies("a message has no channel metadata", async (context) => {
    const { messages } = await withPhone(context);
    const { links } = await messages.create({ body: "Hello" });
    const { statusCode, body } = await context.request("GET", links.channel_metadata ?? "");
    if (statusCode !== 404 || body.code !== 50530) throw new Error(`Got ${statusCode}/${body.code}`);
  }),
];
