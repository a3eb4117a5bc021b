import { pageThrough, type ScenarioContext } from "../run/context.ts";
import { inTheAccount } from "../run/scenario.ts";

const location = {
  "twilio/text": { body: "Foo Bar Co is located at 39.7392, 104.9903" },
  "twilio/location": { latitude: 39.7392, longitude: 104.9903, label: "Foo Bar Co" },
};

/** One template of each content type of the Content API, with every field. */
const everyType: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "twilio/text": { body: "Hello {{name}}" },
  "twilio/media": { body: "A picture", media: ["https://example.com/picture.jpg"] },
  "twilio/location": { latitude: 39.7, longitude: 104.9, label: "Here", id: "place", address: "1 Main St" },
  "twilio/list-picker": {
    body: "Which?",
    button: "Choose",
    items: [{ id: "one", item: "The first", description: "And best" }],
  },
  "twilio/call-to-action": {
    body: "Call us",
    actions: [{ type: "PHONE_NUMBER", title: "Call", phone: "+15017122661" }],
  },
  "twilio/quick-reply": {
    body: "Yes or no?",
    actions: [{ type: "QUICK_REPLY", title: "Yes", id: "yes" }],
  },
  "twilio/card": {
    title: "A card",
    subtitle: "Of paper",
    media: ["https://example.com/card.jpg"],
    actions: [{ type: "URL", title: "Open", url: "https://example.com" }],
  },
  "twilio/catalog": {
    title: "Shop",
    body: "Our things",
    subtitle: "All of them",
    id: "catalog",
    items: [{ id: "1", section_title: "Shoes", name: "Boot", price: 5 }],
    dynamic_items: "",
  },
  "twilio/carousel": {
    body: "Look",
    cards: [
      {
        title: "One",
        body: "The first",
        media: "https://example.com/1.jpg",
        actions: [{ type: "QUICK_REPLY", title: "This", id: "this" }],
      },
    ],
  },
  "twilio/flows": {
    body: "Fill in",
    button_text: "Start",
    subtitle: "It is short",
    media_url: "https://example.com/form.jpg",
    type: "OTHER",
    pages: [{ id: "first", title: "You", layout: [{ type: "TEXT", text: "Hello", label: "Hello" }] }],
  },
  "twilio/schedule": { id: "times", title: "When?", timeSlots: "morning" },
  "whatsapp/card": {
    body: "A card",
    footer: "Of pixels",
    media: ["https://example.com/card.jpg"],
    header_text: "Look",
    actions: [{ type: "QUICK_REPLY", title: "Fine", id: "fine" }],
  },
  "whatsapp/authentication": {
    add_security_recommendation: true,
    code_expiration_minutes: 5,
    actions: [{ type: "COPY_CODE", copy_code_text: "Copy" }],
  },
  "whatsapp/flows": {
    body: "Fill in",
    button_text: "Start",
    subtitle: "It is short",
    media_url: "https://example.com/form.jpg",
    flow_id: "123",
    flow_token: "token",
    flow_first_page_id: "first",
    is_flow_first_page_endpoint: false,
  },
};

/** The package's type requires an instance of its class; a plain object is sent as the same JSON. */
function template(types: object, variables: object = { name: "foo" }) {
  return { friendly_name: "A template", language: "en", variables, types } as never;
}

async function create({ client }: ScenarioContext, types: object): Promise<string> {
  return (await client.content.v1.contents.create(template(types))).sid;
}

export const content = [
  inTheAccount("a template is created, read, listed, changed and deleted", async (context) => {
    const { contents } = context.client.content.v1;
    const sid = await create(context, location);
    await contents(sid).fetch();
    await contents.page();
    await contents(sid).update(template(location));
    await contents(sid).remove();
    await context.rejected("404/20404", () => contents(sid).fetch());
  }),

  inTheAccount("a template of every type is created and changed", async (context) => {
    const { contents } = context.client.content.v1;
    for (const [type, fields] of Object.entries(everyType)) {
      const sid = await create(context, { [type]: fields });
      await contents(sid).update(template({ [type]: fields }));
    }
    await pageThrough(context, contents);
  }),

  inTheAccount("a template is submitted to WhatsApp", async (context) => {
    const { contents, contentAndApprovals, legacyContents } = context.client.content.v1;
    const sid = await create(context, location);
    for (const variables of [
      ["name", "kind"],
      ["name", "kind", "file"],
    ]) {
      const numbered = Object.fromEntries(variables.map((text, at) => [at + 1, text]));
      await contents.create(template({ "twilio/media": everyType["twilio/media"] }, numbered));
    }
    await contentAndApprovals.page();
    await legacyContents.page();
    await contents(sid).approvalFetch().fetch();
    const request = { name: "tree_fiddy", category: "UTILITY" } as never;
    await contents(sid).approvalCreate.create(request);
    await contents(sid).approvalFetch().fetch();
    await context.rejected("400/92009", () => contents(sid).approvalCreate.create(request));
    await context.rejected("400/92009", () => contents(sid).update(template(location)));
    await context.rejected("400/20422", () =>
      contents(sid).approvalCreate.create({ name: "Bad Name" } as never),
    );
    const pin = await create(context, { "twilio/location": everyType["twilio/location"] ?? {} });
    await context.rejected("400/20422", () => contents(pin).approvalCreate.create(request));
    await contentAndApprovals.page();
    await pageThrough(context, contentAndApprovals);
    await legacyContents.page({ pageSize: 50, pageNumber: 0 });
    await context.rejected("400/21481", () => legacyContents.page({ pageToken: "not-a-token" }));
  }),

  inTheAccount("a template with invalid parameters is rejected", async (context) => {
    const { contents } = context.client.content.v1;
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, at) => [at, "x"]));
    const text = { "twilio/text": { body: "Hello" } };
    const errors: [string, object][] = [
      ["400/20422", []],
      ["400/92001", { language: "en", types: {} }],
      ["400/92003", { language: "", types: text }],
      ["400/92004", { language: "Klingon!", types: text }],
      ["400/92002", { language: "en", types: text, variables: many }],
      ["400/92007", { language: "en", types: text, variables: ["foo"] }],
      ["400/20422", { language: "en", types: { "twilio/text": "Hello" } }],
      ["400/92008", { language: "en", types: { ...text, "twilio/button": {} } }],
    ];
    const sid = await create(context, text);
    for (const [expected, body] of errors) {
      await context.rejected(expected, () => contents.create(body as never));
      await context.rejected(expected, () => contents(sid).update(body as never));
    }
    const none = `HX${"0".repeat(32)}`;
    await context.rejected("404/20404", () => contents(none).remove());
    await context.rejected("404/20404", () => contents(none).update(template(text)));
    await context.rejected("404/20404", () => contents(none).approvalFetch().fetch());
  }),
];

export const channels = [
  inTheAccount("a channel is migrated to a conversation", async (context) => {
    const { conversations } = context.client.conversations.v1;
    const { sid } = await conversations.create({ friendlyName: "Channel", uniqueName: "channel" });
    const channel = context.client.chat.v3.channels(context.serviceSid, sid);
    await channel.update({
      type: "private",
      messagingServiceSid: context.emulator.messagingServiceSid,
      xTwilioWebhookEnabled: "true",
    });
    await context.rejected("400/50393", () => channel.update({ type: "public" }));
    const none = context.client.chat.v3.channels(context.serviceSid, `CH${"0".repeat(32)}`);
    await context.rejected("404/20404", () => none.update({ type: "private" }));
  }),
];
