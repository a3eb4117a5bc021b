import { pageThrough, personNumber } from "../run/context.ts";
import { inBothFamilies } from "../run/scenario.ts";

const dates = {
  dateCreated: new Date("2025-12-16T22:18:37Z"),
  dateUpdated: new Date("2025-12-16T22:18:38Z"),
};
const timers = { "timers.inactive": "PT1M", "timers.closed": "PT10M" } as const;
const email = { "bindings.email.address": "example@example.com", "bindings.email.name": "Example" } as const;

export const conversations = [
  inBothFamilies(
    "a conversation is created, read, changed and deleted with every parameter",
    async (context) => {
      const { conversations } = context.api;
      const messagingServiceSid = context.emulator.messagingServiceSid;
      const text = { friendlyName: "Order 4711", attributes: '{ "topic": "feedback" }', messagingServiceSid };
      const { sid } = await conversations.create({
        ...text,
        ...dates,
        ...timers,
        uniqueName: "order-4711",
        state: "inactive",
        xTwilioWebhookEnabled: "true",
      });
      await conversations(sid).fetch();
      await conversations("order-4711").fetch();
      await conversations.create({ ...dates, ...email, state: "active" });
      await conversations.create();
      await conversations(sid).update({
        ...text,
        ...dates,
        ...timers,
        ...email,
        uniqueName: "order-4712",
        state: "active",
        xTwilioWebhookEnabled: "true",
      });
      await conversations(sid).update({ "timers.inactive": "PT0S", "timers.closed": "PT0S" });
      await conversations(sid).update({ state: "inactive" });
      await conversations(sid).remove({ xTwilioWebhookEnabled: "true" });
      await context.rejected("404/20404", () => conversations(sid).fetch());
    },
  ),

  inBothFamilies("a conversation without timers and email is changed", async ({ api: { conversations } }) => {
    const { sid } = await conversations.create();
    await conversations(sid).update({ ...timers, friendlyName: "With timers" });
  }),

  inBothFamilies("conversations are listed by date and state, page by page", async (context) => {
    const { conversations } = context.api;
    await conversations.create({ ...timers, uniqueName: "first" });
    await conversations.create({ ...email });
    await conversations.create();
    await conversations.page({ startDate: "2026-01-01", endDate: "2026-02-01", state: "active" });
    for (const state of ["initializing", "inactive", "closed"] as const) await conversations.page({ state });
    await pageThrough(context, conversations);
    await context.rejected("400/50396", () =>
      conversations.page({ startDate: "2026-02-01", endDate: "2026-01-01" }),
    );
    await context.rejected("400/50378", () => conversations.page({ state: "asleep" as "active" }));
  }),

  inBothFamilies("a conversation with invalid parameters is neither created nor changed", async (context) => {
    const { conversations, conversationWithParticipants } = context.api;
    const { sid } = await conversations.create({ uniqueName: "taken" });
    const steady = conversations((await conversations.create({ uniqueName: "steady" })).sid);
    const errors: [string, Parameters<typeof conversations.create>[0]][] = [
      ["409/50353", { uniqueName: "taken" }],
      ["400/50390", { uniqueName: sid }],
      ["400/50004", { uniqueName: "x".repeat(257) }],
      ["400/50003", { friendlyName: "x".repeat(257) }],
      ["400/50304", { attributes: "{" }],
      ["400/50303", { attributes: JSON.stringify("x".repeat(17_000)) }],
      ["400/50374", { state: "" as "active" }],
      ["400/50378", { state: "asleep" as "active" }],
      ["400/50378", { state: "initializing" }],
      ["400/50379", { "timers.inactive": "P6M" }],
      ["400/50380", { "timers.closed": "P1Y" }],
      ["400/50375", { "timers.inactive": "PT59S" }],
      ["400/50376", { "timers.closed": "PT9M" }],
      ["400/50341", { messagingServiceSid: "no-service" }],
      ["400/50342", { messagingServiceSid: `MG${"0".repeat(32)}` }],
      ["400/50308", { dateCreated: "yesterday" as never }],
      ["400/50309", { dateUpdated: "yesterday" as never }],
    ];
    for (const [expected, params = {}] of errors) {
      await context.rejected(expected, () => conversations.create(params));
      await context.rejected(expected, () => conversationWithParticipants.create(params));
      await context.rejected(expected, () => steady.update(params));
    }
    await context.rejected("400/50384", () => conversations.create({ state: "closed" }));
    await context.rejected("400/50384", () => conversationWithParticipants.create({ state: "closed" }));
    await context.rejected("400/50347", () => steady.update());
    await steady.fetch();
  }),

  inBothFamilies("a closed conversation cannot be changed", async (context) => {
    const { conversations } = context.api;
    const conversation = conversations((await conversations.create()).sid);
    const { participants, messages, webhooks } = conversation;
    await participants.create({ identity: "alice" });
    const message = messages((await messages.create({ body: "Hello" })).sid);
    await conversation.update({ state: "closed" });
    await context.rejected("400/50377", () => conversation.update({ friendlyName: "Too late" }));
    await context.rejected("400/50377", () => messages.create({ body: "Too late" }));
    await context.rejected("400/50377", () => message.update({ body: "Too late" }));
    await context.rejected("400/50377", () => participants.create({ identity: "bob" }));
    await context.rejected("400/50377", () => participants("alice").update({ attributes: "{}" }));
    await context.rejected("400/50377", () =>
      webhooks.create({ target: "studio", "configuration.flowSid": `FW${"a".repeat(32)}` }),
    );
  }),

  inBothFamilies("a conversation with participants is created in one request", async (context) => {
    const { conversationWithParticipants } = context.api;
    const messagingServiceSid = context.emulator.messagingServiceSid;
    const text = { friendlyName: "Delivery", attributes: '{ "topic": "delivery" }', messagingServiceSid };
    await conversationWithParticipants.create({
      ...text,
      ...dates,
      ...timers,
      uniqueName: "delivery",
      state: "inactive",
      xTwilioWebhookEnabled: "true",
    });
    await conversationWithParticipants.create({ ...text, ...dates, state: "active" });
    await conversationWithParticipants.create({ ...email });
    await conversationWithParticipants.create({
      ...text,
      ...dates,
      participant: [
        '{ "identity": "user1" }',
        JSON.stringify({
          messaging_binding: { address: personNumber, proxy_address: context.emulator.smsNumber },
        }),
      ],
    });
    await context.emulator.settle();
  }),

  inBothFamilies("a conversation with invalid participants is rejected", async (context) => {
    const { conversationWithParticipants } = context.api;
    const create = (participant: string[]) => () => conversationWithParticipants.create({ participant });
    await context.rejected("400/50424", create(["{"]));
    await context.rejected(
      "400/50426",
      create(Array.from({ length: 11 }, (_, at) => JSON.stringify({ identity: `user${at}` }))),
    );
    const { smsNumber, whatsappNumber } = context.emulator;
    const bound = (address: string | undefined, proxy_address?: string) => ({
      messaging_binding: { address, proxy_address },
    });
    const projected = (projected_address: string) => ({ messaging_binding: { projected_address } });
    const identity = "alice";
    const errors: [string, object][] = [
      ["400/50204", {}],
      ["400/50203", { identity: "system" }],
      ["400/50206", { identity: `US${"0".repeat(32)}` }],
      ["400/50207", { identity: "x".repeat(257) }],
      ["400/50211", { identity, ...bound(personNumber, smsNumber) }],
      ["400/50304", { identity, attributes: "{" }],
      ["404/50100", { identity, role_sid: `RL${"0".repeat(32)}` }],
      ["400/50407", bound("5558675310", smsNumber)],
      ["400/50408", bound(personNumber, "5017122661")],
      ["400/50409", bound(smsNumber, smsNumber)],
      ["400/50411", bound("", smsNumber)],
      ["400/50412", bound(personNumber, "")],
      ["403/50413", bound(personNumber, "+15005550006")],
      ["400/50414", bound(personNumber, whatsappNumber)],
      ["400/50415", bound(`whatsapp:${personNumber}`, `whatsapp:${smsNumber}`)],
      ["400/50453", bound("person@example.com", smsNumber)],
      ["403/50439", { identity, ...projected("+15005550006") }],
      ["400/50435", bound(personNumber)],
    ];
    for (const [expected, participant] of errors)
      await context.rejected(expected, create([JSON.stringify(participant)]));
    const pair = bound(personNumber, smsNumber);
    const group = [bound(personNumber), bound("+15558675311"), { identity, ...projected(smsNumber) }];
    const together: [string, object[]][] = [
      ["400/50434", [...group, { identity: "bob" }]],
      ["409/50437", [...group, bound(personNumber)]],
    ];
    for (const [expected, members] of together)
      await context.rejected(expected, create(members.map((member) => JSON.stringify(member))));
    await create(group.map((member) => JSON.stringify(member)))();
    await context.emulator.settle();
    await context.rejected("409/50438", create(group.map((member) => JSON.stringify(member))));
    await context.rejected("409/50425", create([JSON.stringify(pair), JSON.stringify(pair)]));
    await context.rejected("409/50433", create(['{ "identity": "user1" }', '{ "identity": "user1" }']));
  }),
];
