import { describe, expect, it } from "vitest";
import { useAccount } from "../support/emulator.ts";
import { pair, post } from "../support/outbound.ts";

const fixture = useAccount();
const phones = {
  sms: "+15558675310",
  whatsapp: "whatsapp:+15558675311",
  rcs: "rcs:+15558675312",
  messenger: "messenger:4015558675313",
};
const senders = { rcs: "rcs:owl_air", messenger: "messenger:105558675314" };

const text = { body: "Hi, {{1}}. Thanks for contacting Owl Air Support." };

/** A template as each phone shows it, sent to all channels with the variable 1. */
async function show(types: Record<string, unknown>) {
  const account = fixture.current;
  const { smsNumber, whatsappNumber } = account.emulator;
  for (const address of Object.values(senders)) await account.control("POST", "/numbers", { address });
  const conversation = await account.conversation();
  await conversation.participants.create(pair(phones.sms, smsNumber));
  await conversation.participants.create(pair(phones.whatsapp, whatsappNumber));
  await conversation.participants.create(pair(phones.rcs, senders.rcs));
  await conversation.participants.create(pair(phones.messenger, senders.messenger));
  await account.send(phones.whatsapp, whatsappNumber, "Hi");
  const contentSid = await account.template(types, "approved");
  const hasVariable = JSON.stringify(types).includes("{{1}}");
  const variables = hasVariable ? { contentVariables: '{"1":"Alice"}' } : {};
  const results = await post(account, conversation, { contentSid, ...variables });
  expect(results).toEqual(["delivered", "delivered", "delivered", "delivered"]);
  const inboxes = Object.values(phones).map(async (address) => {
    const message = (await account.inbox(address)).findLast(({ direction }) => direction === "in");
    const { body, media, buttons, links, location } = message ?? {};
    return { body, media, buttons, links, location };
  });
  const [sms, whatsapp, rcs, messenger] = await Promise.all(inboxes);
  return { sms, whatsapp, rcs, messenger, message: (await conversation.messages.list()).at(-1)?.body };
}

const nothing = { media: [], buttons: [], links: [], location: null };

/** The content types of "Send Rich Content Messages with Conversations", in its order. */
describe("on the phones", () => {
  it("twilio/text is the text", async () => {
    const shown = { ...nothing, body: "Hi, Alice. Thanks for contacting Owl Air Support." };
    const result = await show({ "twilio/text": text });
    expect(result).toEqual({
      sms: shown,
      whatsapp: shown,
      rcs: shown,
      messenger: shown,
      message: shown.body,
    });
  });

  it("twilio/media is the text with the media", async () => {
    const media = ["https://example.com/{{1}}.jpg"];
    const { sms, whatsapp } = await show({ "twilio/media": { body: "Your boarding pass", media } });
    const shown = { ...nothing, body: "Your boarding pass", media: ["https://example.com/Alice.jpg"] };
    expect([sms, whatsapp]).toEqual([shown, shown]);
  });

  it("twilio/location is a location, and text on SMS", async () => {
    const { sms, whatsapp, messenger } = await show({
      "twilio/location": { latitude: 37.78789, longitude: -122.391664, label: "Owl Air HQ" },
    });
    const location = { latitude: 37.78789, longitude: -122.391664 };
    expect(whatsapp).toEqual({ ...nothing, body: "Owl Air HQ", location });
    expect(messenger).toEqual(whatsapp);
    expect(sms).toEqual({ ...nothing, body: "Owl Air HQ\n37.78789, -122.391664" });
  });

  it("twilio/quick-reply has buttons to reply with, and its text alternative on SMS", async () => {
    const actions = [
      { title: "Check flight status", id: "flightid1" },
      { title: "Speak with {{1}}", id: "agentid1" },
    ];
    const { sms, whatsapp, rcs, message } = await show({
      "twilio/quick-reply": { body: "How can I help?", actions },
      "twilio/text": text,
    });
    const buttons = ["Check flight status", "Speak with Alice"];
    expect(whatsapp).toEqual({ ...nothing, body: "How can I help?", buttons });
    expect(rcs).toEqual(whatsapp);
    expect(sms).toEqual({ ...nothing, body: "Hi, Alice. Thanks for contacting Owl Air Support." });
    expect(message).toBe(sms?.body);
  });

  it("twilio/call-to-action has links, which are lines of text on SMS", async () => {
    const { sms, whatsapp } = await show({
      "twilio/call-to-action": {
        body: "We will see you soon!",
        actions: [
          { url: "https://owlair.com/{{1}}", type: "URL", title: "Check Flight Status" },
          { phone: "+18005551234", type: "PHONE_NUMBER", title: "Call Support" },
        ],
      },
    });
    expect(whatsapp).toEqual({
      ...nothing,
      body: "We will see you soon!",
      links: [
        { title: "Check Flight Status", url: "https://owlair.com/Alice" },
        { title: "Call Support", url: "tel:+18005551234" },
      ],
    });
    expect(sms).toEqual({
      ...nothing,
      body: "We will see you soon!\nCheck Flight Status: https://owlair.com/Alice\nCall Support: tel:+18005551234",
    });
  });

  it("twilio/list-picker has items to reply with", async () => {
    const { sms, whatsapp } = await show({
      "twilio/list-picker": {
        body: "Flash sale!",
        button: "Select a destination",
        items: [
          { item: "SFO to NYC", description: "$299", id: "1" },
          { item: "OAK to DEN", description: "$149", id: "2" },
        ],
      },
    });
    expect(whatsapp).toEqual({ ...nothing, body: "Flash sale!", buttons: ["SFO to NYC", "OAK to DEN"] });
    expect(sms).toEqual({ ...nothing, body: "Flash sale!" });
  });

  it("sends the IDs of tapped buttons and items to the number's webhook, and in the channel metadata", async () => {
    const account = fixture.current;
    const { whatsappNumber } = account.emulator;
    const receiver = await account.receiver();
    await account.control("POST", "/numbers", { address: whatsappNumber, smsUrl: receiver.url });
    const conversation = await account.conversation();
    const me = "whatsapp:+15558675399";
    await conversation.participants.create({
      "messagingBinding.address": me,
      "messagingBinding.proxyAddress": whatsappNumber,
    });
    await account.send(me, whatsappNumber, "Hello");
    const actions = [{ title: "Yes", id: "visit_{{1}}_yes" }, { title: "No" }];
    const items = [{ item: "SFO to NYC", id: "sfo" }];
    const templates = [
      { "twilio/quick-reply": { body: "Coming?", actions } },
      { "twilio/list-picker": { body: "Flash sale!", button: "Pick", items } },
      {
        "twilio/card": {
          title: "Gold",
          actions: [{ type: "QUICK_REPLY", title: "Later", id: "gold_later" }],
        },
      },
      { "whatsapp/card": { body: "Go", actions: [{ type: "QUICK_REPLY", title: "Thanks", id: "thanks" }] } },
    ];
    for (const types of templates) {
      const contentSid = await account.template(
        types,
        "approved",
        "twilio/quick-reply" in types ? { 1: "3" } : {},
      );
      await conversation.messages.create({ contentSid });
      await account.emulator.settle();
    }
    const taps: [string, Record<string, string>][] = [
      ["Yes", { ButtonText: "Yes", ButtonPayload: "visit_3_yes" }],
      ["No", { ButtonText: "No", ButtonPayload: "No" }],
      ["SFO to NYC", { ListTitle: "SFO to NYC", ListId: "sfo" }],
      ["Later", { ButtonText: "Later", ButtonPayload: "gold_later" }],
      ["Thanks", { ButtonText: "Thanks", ButtonPayload: "thanks" }],
    ];
    for (const [button, tapped] of taps) {
      const { messageSid } = await account.send(me, whatsappNumber, { button });
      const sender = { ProfileName: "15558675399", WaId: "15558675399" };
      expect(Object.fromEntries(receiver.received.at(-1)?.fields ?? [])).toMatchObject({
        Body: button,
        ...sender,
        ...tapped,
      });
      const path = `${(await conversation.fetch()).url}/Messages/${messageSid}/ChannelMetadata`;
      const { body } = await account.rest("GET", new URL(path).pathname);
      expect(body).toMatchObject({ type: "whatsapp", data: { context: { ...sender, ...tapped } } });
    }
    const { messageSid } = await account.send(me, whatsappNumber, "Yes");
    const typed = [...(receiver.received.at(-1)?.fields.keys() ?? [])];
    expect(typed).toEqual(expect.arrayContaining(["ProfileName", "WaId"]));
    expect(typed.filter((name) => /^(Button|List)/.test(name))).toEqual([]);
    const path = `${new URL((await conversation.fetch()).url).pathname}/Messages/${messageSid}/ChannelMetadata`;
    const { status } = await account.rest("GET", path);
    expect(status).toBe(404);
  });

  it("twilio/card has title, subtitle, media, buttons and links", async () => {
    const { sms, whatsapp } = await show({
      "twilio/card": {
        title: "Gold status",
        subtitle: "Reply to redeem",
        media: ["https://example.com/gold.png"],
        actions: [
          { type: "URL", title: "Order", url: "https://example.com/order" },
          { type: "QUICK_REPLY", title: "Later", id: "later" },
        ],
      },
    });
    const media = ["https://example.com/gold.png"];
    expect(whatsapp).toEqual({
      body: "Gold status\nReply to redeem",
      media,
      buttons: ["Later"],
      links: [{ title: "Order", url: "https://example.com/order" }],
      location: null,
    });
    const body = "Gold status\nReply to redeem\nOrder: https://example.com/order";
    expect(sms).toEqual({ ...nothing, body, media });
  });

  it("whatsapp/card is used on WhatsApp only when there is another type", async () => {
    const { whatsapp, rcs, sms } = await show({
      "whatsapp/card": {
        header_text: "Owl Air",
        body: "Boarding at {{1}}",
        footer: "Have a good flight",
        actions: [{ type: "QUICK_REPLY", title: "Thanks", id: "1" }],
      },
      "twilio/card": { title: "Boarding", subtitle: "Gate 3" },
    });
    const body = "Owl Air\nBoarding at Alice\nHave a good flight";
    expect(whatsapp).toEqual({ ...nothing, body, buttons: ["Thanks"] });
    expect(rcs).toEqual({ ...nothing, body: "Boarding\nGate 3" });
    expect(sms).toEqual(rcs);
  });
});

describe("in the conversation", () => {
  const types = {
    "twilio/quick-reply": { body: "May I write to you?", actions: [{ title: "Yes", id: "yes" }] },
    "twilio/text": { body: "Reply YES, please." },
  };

  it.each([
    ["WhatsApp", phones.whatsapp, () => fixture.current.emulator.whatsappNumber, "May I write to you?"],
    ["SMS", phones.sms, () => fixture.current.emulator.smsNumber, "Reply YES, please."],
  ])("a template has the text that %s received", async (_, person, number, body) => {
    const account = fixture.current;
    const conversation = await account.conversation();
    await conversation.participants.create(pair(person, number()));
    const contentSid = await account.template(types, "approved");
    expect(await conversation.messages.create({ contentSid })).toMatchObject({ body });
  });
});
