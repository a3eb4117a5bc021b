import { pageThrough, personNumber, type ScenarioContext } from "../run/context.ts";
import { inBothFamilies } from "../run/scenario.ts";

const dates = {
  dateCreated: new Date("2025-12-16T22:18:37Z"),
  dateUpdated: new Date("2025-12-16T22:18:38Z"),
};
const attributes = '{ "role": "driver" }';
const otherNumber = "+15558675311";

async function newConversation({ api: { conversations } }: ScenarioContext) {
  return conversations((await conversations.create()).sid);
}

const noRole = `RL${"0".repeat(32)}`;
const tooMuch = JSON.stringify("x".repeat(17_000));

/** A role that users can have, and participants cannot. */
async function serviceRole({ api: { roles } }: ScenarioContext): Promise<string> {
  const permission = ["createConversation"];
  return (await roles.create({ friendlyName: "Manager", type: "service", permission })).sid;
}

/** A role that participants can have. */
async function conversationRole({ api: { roles } }: ScenarioContext): Promise<string> {
  const permission = ["sendMessage"];
  return (await roles.create({ friendlyName: "Driver", type: "conversation", permission })).sid;
}

export const participants = [
  inBothFamilies("a chat participant is created, read, changed and deleted", async (context) => {
    const { participants, messages } = await newConversation(context);
    const { roleSid } = await participants.create({ identity: "bob" });
    const { sid } = await participants.create({
      ...dates,
      identity: "alice",
      attributes,
      roleSid,
      xTwilioWebhookEnabled: "true",
    });
    await messages.create({ body: "Read me" });
    await participants(sid).fetch();
    await participants("alice").fetch();
    await participants(sid).update({
      ...dates,
      attributes,
      roleSid,
      lastReadMessageIndex: 0,
      lastReadTimestamp: "2026-01-05T10:00:00Z",
      xTwilioWebhookEnabled: "true",
    });
    await participants(sid).remove({ xTwilioWebhookEnabled: "true" });
    await context.rejected("404/20404", () => participants(sid).fetch());
  }),

  inBothFamilies("participants on every channel are created and changed", async (context) => {
    const { participants } = await newConversation(context);
    const sms = await participants.create({
      ...dates,
      attributes,
      roleSid: await conversationRole(context),
      "messagingBinding.address": personNumber,
      "messagingBinding.proxyAddress": context.emulator.smsNumber,
    });
    await participants(sms.sid).fetch();
    await participants(sms.sid).update({ attributes });
    await participants(sms.sid).update({ "messagingBinding.proxyAddress": "null" });
    await participants(sms.sid).update({ "messagingBinding.proxyAddress": context.emulator.smsNumber });
    await participants.create({
      "messagingBinding.address": `whatsapp:${personNumber}`,
      "messagingBinding.proxyAddress": context.emulator.whatsappNumber,
    });
    for (const address of ["rcs:brand_agent", "messenger:1234567890"]) {
      await context.control("/numbers", { address });
      await participants.create({
        "messagingBinding.address": address.startsWith("rcs") ? `rcs:${personNumber}` : "messenger:987654321",
        "messagingBinding.proxyAddress": address,
      });
    }
    await participants.page();
  }),

  inBothFamilies("a group text has members by address and by projected address", async (context) => {
    const { participants } = await newConversation(context);
    const projected = { "messagingBinding.projectedAddress": context.emulator.smsNumber };
    await participants.create({ "messagingBinding.address": personNumber });
    await participants.create({ "messagingBinding.address": otherNumber });
    const { sid } = await participants.create({ ...dates, ...projected, identity: "alice", attributes });
    await participants(sid).fetch();
    await participants.page();
  }),

  inBothFamilies("a group text with invalid members is rejected", async (context) => {
    const group = await newConversation(context);
    const { participants } = group;
    const { smsNumber, whatsappNumber } = context.emulator;
    const projected = { "messagingBinding.projectedAddress": smsNumber };
    const { sid } = await participants.create({ "messagingBinding.address": personNumber });
    await participants.create({ ...projected, identity: "alice" });
    await context.rejected("400/50434", () => participants.create({ identity: "bob" }));
    await context.rejected("409/50437", () =>
      participants.create({ "messagingBinding.address": personNumber }),
    );
    await context.rejected("403/50439", () =>
      participants.create({ identity: "bob", "messagingBinding.projectedAddress": "+15005550006" }),
    );
    await context.rejected("400/50513", () => group.messages.create({ author: "stranger", body: "Hello" }));
    await context.rejected("400/50440", () =>
      participants("alice").update({ "messagingBinding.proxyAddress": "null" }),
    );
    await context.rejected("400/50441", () =>
      participants("alice").update({ "messagingBinding.proxyAddress": smsNumber }),
    );
    await context.rejected("400/50442", () =>
      participants(sid).update({ "messagingBinding.projectedAddress": "null" }),
    );
    await context.rejected("400/50443", () =>
      participants(sid).update({ "messagingBinding.projectedAddress": smsNumber }),
    );
    const twin = await newConversation(context);
    await twin.participants.create({ "messagingBinding.address": personNumber });
    await context.rejected("409/50438", () => twin.participants.create({ ...projected, identity: "bob" }));
    const chat = await newConversation(context);
    await chat.participants.create({ identity: "bob" });
    await context.rejected("400/50435", () =>
      chat.participants.create({ "messagingBinding.address": personNumber }),
    );
    await context.rejected("400/50407", () =>
      twin.participants.create({ "messagingBinding.address": whatsappNumber }),
    );
    for (let at = 10; at < 18; at++)
      await participants.create({ "messagingBinding.address": `+155586753${at + 10}` });
    await context.rejected("400/50436", () =>
      participants.create({ "messagingBinding.address": "+15558675399" }),
    );
  }),

  inBothFamilies("an identity is added to an address", async (context) => {
    const { participants } = await newConversation(context);
    const { sid } = await participants.create({
      "messagingBinding.projectedAddress": context.emulator.smsNumber,
    });
    await participants(sid).update({ identity: "alice" });
  }),

  inBothFamilies("a projected address is added to a chat participant", async (context) => {
    const { participants } = await newConversation(context);
    const { sid } = await participants.create({ identity: "alice", attributes });
    await participants(sid).update({ "messagingBinding.projectedAddress": context.emulator.smsNumber });
    await participants(sid).update({ "messagingBinding.projectedAddress": "null" });
  }),

  inBothFamilies("participants are listed page by page", async (context) => {
    const { participants } = await newConversation(context);
    await participants.create({ identity: "alice" });
    await participants.create({ identity: "bob" });
    await pageThrough(context, participants);
  }),

  inBothFamilies("a participant with invalid parameters is rejected", async (context) => {
    const { participants } = await newConversation(context);
    const { smsNumber, whatsappNumber } = context.emulator;
    const pair = (address: string, proxyAddress: string) => ({
      "messagingBinding.address": address,
      "messagingBinding.proxyAddress": proxyAddress,
    });
    await participants.create({ identity: "alice" });
    await participants.create(pair(personNumber, smsNumber));
    const errors: [string, Parameters<typeof participants.create>[0]][] = [
      ["400/50204", {}],
      ["409/50433", { identity: "alice" }],
      ["400/50207", { identity: "x".repeat(257) }],
      ["400/50206", { identity: `US${"0".repeat(32)}` }],
      ["400/50203", { identity: "system" }],
      ["400/50211", { identity: "bob", ...pair(otherNumber, smsNumber) }],
      ["400/50304", { identity: "bob", attributes: "{" }],
      ["400/50303", { identity: "bob", attributes: tooMuch }],
      ["404/50100", { identity: "bob", roleSid: noRole }],
      ["404/50109", { identity: "bob", roleSid: await serviceRole(context) }],
      ["400/50443", { ...pair(otherNumber, smsNumber), "messagingBinding.projectedAddress": smsNumber }],
      ["400/50308", { identity: "bob", dateCreated: "soon" as never }],
      ["400/50309", { identity: "bob", dateUpdated: "soon" as never }],
      ["409/50416", pair(personNumber, smsNumber)],
      ["400/50407", pair("5558675311", smsNumber)],
      ["400/50408", pair(otherNumber, "5017122661")],
      ["400/50409", pair(smsNumber, smsNumber)],
      ["400/50411", pair("", smsNumber)],
      ["400/50412", pair(otherNumber, "")],
      ["403/50413", pair(otherNumber, "+15005550006")],
      ["400/50453", pair("person@example.com", smsNumber)],
      ["400/50414", pair(otherNumber, whatsappNumber)],
      ["400/50415", pair(`whatsapp:${otherNumber}`, `whatsapp:${smsNumber}`)],
    ];
    for (const [expected, params] of errors)
      await context.rejected(expected, () => participants.create(params));
  }),

  inBothFamilies("an invalid proxy address or identity is not added", async (context) => {
    const { participants } = await newConversation(context);
    const { smsNumber, whatsappNumber } = context.emulator;
    const proxy = (proxyAddress: string) => ({ "messagingBinding.proxyAddress": proxyAddress });
    const taken = await newConversation(context);
    await taken.participants.create({ "messagingBinding.address": personNumber, ...proxy(smsNumber) });
    const { sid } = await participants.create({ "messagingBinding.address": personNumber });
    const errors: [string, Parameters<ReturnType<typeof participants>["update"]>[0]][] = [
      ["400/50408", proxy("5017122661")],
      ["403/50413", proxy("+15005550006")],
      ["400/50414", proxy(whatsappNumber)],
      ["409/50416", proxy(smsNumber)],
    ];
    for (const [expected, params] of errors)
      await context.rejected(expected, () => participants(sid).update(params));
    const other = await newConversation(context);
    const projected = await other.participants.create({ "messagingBinding.projectedAddress": smsNumber });
    await other.participants.create({ identity: "alice" });
    const identities: [string, string][] = [
      ["409/50433", "alice"],
      ["400/50203", "system"],
      ["400/50206", `US${"0".repeat(32)}`],
      ["400/50207", "x".repeat(257)],
    ];
    for (const [expected, identity] of identities)
      await context.rejected(expected, () => other.participants(projected.sid).update({ identity }));
  }),

  inBothFamilies("a participant with invalid changes stays unchanged", async (context) => {
    const { participants } = await newConversation(context);
    const { sid } = await participants.create({ identity: "alice" });
    const alice = participants(sid);
    const errors: [string, Parameters<typeof alice.update>[0]][] = [
      ["400/50304", { attributes: "{" }],
      ["400/50303", { attributes: tooMuch }],
      ["404/50100", { roleSid: noRole }],
      ["404/50109", { roleSid: await serviceRole(context) }],
      ["400/50421", { lastReadMessageIndex: -1 }],
      ["400/50405", { lastReadTimestamp: "soon" }],
      ["400/50308", { dateCreated: "soon" as never }],
      ["400/50309", { dateUpdated: "soon" as never }],
    ];
    for (const [expected, params] of errors) await context.rejected(expected, () => alice.update(params));
    await context.rejected("400/50441", () =>
      alice.update({ "messagingBinding.proxyAddress": context.emulator.smsNumber }),
    );
    await context.rejected("400/50444", () => alice.update({ identity: "bob" }));
    await context.rejected("404/20404", () => participants("nobody").update({ attributes: "{}" }));
    await context.rejected("404/20404", () => participants("nobody").remove());
    await alice.fetch();
  }),

  inBothFamilies("the conversations of a participant are found by identity and address", async (context) => {
    const { conversations, participantConversations } = context.api;
    for (const uniqueName of ["first", "second"]) {
      const timers = { "timers.inactive": "PT1M", "timers.closed": "PT10M" };
      const conversation = conversations((await conversations.create({ ...timers, uniqueName })).sid);
      await conversation.participants.create({ identity: "alice" });
      await conversation.participants.create({
        "messagingBinding.address": uniqueName === "first" ? personNumber : otherNumber,
        "messagingBinding.proxyAddress": context.emulator.smsNumber,
      });
    }
    await participantConversations.page({ identity: "alice" });
    await participantConversations.page({ identity: "nobody" });
    await participantConversations.page({ address: personNumber });
    await pageThrough(context, {
      page: (params) => participantConversations.page({ identity: "alice", ...params }),
    });
    await context.rejected("400/20422", () => participantConversations.page());
    await context.rejected("400/50451", () =>
      participantConversations.page({ identity: "alice", address: personNumber }),
    );
  }),
];
