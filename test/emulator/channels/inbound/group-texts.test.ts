import { parse } from "node:querystring";
import twilio from "twilio";
import { describe, expect, it } from "vitest";
import { rejection, type TestAccount, useAccount } from "../../support/emulator.ts";
import { autocreating } from "../../support/inbound.ts";

const fixture = useAccount();
const [ann, bob] = ["+15558675310", "+15558675311"];

/** A conversation of people and an agent with the account's number as projected address. */
async function group(account: TestAccount, ...people: string[]) {
  const conversation = await account.conversation();
  await conversation.participants.create({
    identity: "agent",
    "messagingBinding.projectedAddress": account.emulator.smsNumber,
  });
  for (const address of people)
    await conversation.participants.create({ "messagingBinding.address": address });
  return conversation;
}

/** "Inbound Message Handling & Autocreation": The "Number Pair" becomes the "Number Group". */
describe("a group text from a phone", () => {
  it("is added to the conversation whose members have exactly these numbers, in any order", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    const conversation = await group(account, ann, bob);
    const { sid } = await conversation.fetch();
    expect(await account.send(ann, "", { to: [smsNumber, bob], body: "Hi" })).toMatchObject({
      conversationSid: sid,
    });
    expect(await account.send(bob, "", { to: [ann, smsNumber], body: "Hi" })).toMatchObject({
      conversationSid: sid,
    });
    const messages = await conversation.messages.list();
    expect(messages.map(({ author }) => author)).toEqual([ann, bob]);
  });

  it("is delivered to the other people's phones by their carrier, once, with all numbers", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    const conversation = await group(account, ann, bob);
    await account.send(ann, "", { to: [smsNumber, bob], body: "Dinner?" });
    expect(await account.inbox(bob)).toMatchObject([
      { direction: "in", from: ann, to: bob, recipients: [smsNumber], body: "Dinner?" },
    ]);
    expect(await account.inbox(ann)).toMatchObject([
      { direction: "out", from: ann, recipients: [smsNumber, bob], body: "Dinner?" },
    ]);
    const [message] = await conversation.messages.list();
    expect(message?.delivery).toBeNull();
  });

  it("is not added to a conversation with one number fewer or more, nor is a text to the agent only", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    await group(account, ann, bob);
    const elsewhere = { routed: false, reason: "no conversation has this group of numbers" };
    const third = "+15558675312";
    expect(await account.send(ann, "", { to: [smsNumber, third], body: "Hi" })).toEqual(elsewhere);
    expect(await account.send(ann, "", { to: [smsNumber, bob, third], body: "Hi" })).toEqual(elsewhere);
    expect(await account.send(ann, smsNumber, "Hi")).toMatchObject({ routed: false });
  });

  it("of two is an ordinary text, which a group with only two members receives", async () => {
    const account = fixture.current;
    const conversation = await group(account, ann);
    const { sid } = await conversation.fetch();
    expect(await account.send(ann, account.emulator.smsNumber, "Hi")).toMatchObject({ conversationSid: sid });
  });

  it.each([
    ["a toll-free number", ["+18005550100"]],
    ["a foreign number", ["+37256123457"]],
    ["more than ten members", Array.from({ length: 9 }, (_, i) => `+1555867532${i}`)],
  ])("with %s is unrouted", async (_what, others) => {
    const account = fixture.current;
    await autocreating(account);
    const routing = await account.send(ann, "", { to: [account.emulator.smsNumber, ...others], body: "Hi" });
    expect(routing).toMatchObject({ routed: false, reason: expect.stringContaining("group text") });
    expect(await account.conversations.list()).toEqual([]);
  });

  it.each([
    ["without a number of the account", ann, [bob, "+15558675312"], "to"],
    ["with a number twice", ann, [bob, bob, "+15017122661"], "to"],
    ["with the phone itself", ann, [ann, "+15017122661"], "to"],
    ["with no number", ann, [], "to"],
    ["with text that is not a number", ann, ["+15017122661", "Bob"], "to"],
    ["on WhatsApp", "whatsapp:+15558675310", ["whatsapp:+14155238886", "whatsapp:+15558675311"], "to"],
    ["from the account", "+15017122661", [ann], "address"],
  ])("%s is rejected", async (_what, from, to, field) => {
    const path = `/phones/${encodeURIComponent(from)}/messages`;
    const { status, body } = await fixture.current.control("POST", path, { to, body: "Hi" });
    expect({ status, field: body.field }).toEqual({ status: 400, field });
  });
});

/** "Inbound Message Handling & Autocreation": Autocreation Webhooks for Group Texts; the order as observed. */
describe("a group text that belongs to no conversation", () => {
  it("creates a conversation that is initializing until all members and the message are added", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    const receiver = await autocreating(account);
    const { conversationSid } = await account.send(ann, "", {
      to: [smsNumber, bob],
      body: "Meet my partner",
    });
    const [add, added] = receiver.received;
    expect(receiver.values("EventType")).toEqual([
      "onConversationAdd",
      "onConversationAdded",
      "onParticipantAdded",
      "onParticipantAdded",
      "onParticipantAdded",
      "onMessageAdded",
      "onConversationStateUpdated",
    ]);
    const addressesIn = (request = add) =>
      new URLSearchParams(request?.body).getAll("MessagingBinding.Address");
    expect(addressesIn(add)).toEqual([smsNumber, bob]);
    expect(addressesIn(added)).toEqual([`${smsNumber},${bob}`]);
    for (const request of [add, added])
      expect(
        twilio.validateRequest(
          account.emulator.authToken,
          String(request?.headers["x-twilio-signature"]),
          `${receiver.url}/`,
          parse(request?.body ?? ""),
        ),
      ).toBe(true);
    const group = {
      "MessagingBinding.ProjectedAddress": smsNumber,
      "MessagingBinding.AuthorAddress": ann,
    };
    const asked = { ...group, State: "initializing", MessageBody: "Meet my partner" };
    expect(Object.fromEntries(add?.fields ?? [])).toMatchObject(asked);
    expect(Object.fromEntries(added?.fields ?? [])).toMatchObject({ ...group, State: "initializing" });
    expect(Object.fromEntries(receiver.received.at(-1)?.fields ?? [])).toMatchObject({
      StateFrom: "initializing",
      StateTo: "active",
      Reason: "EVENT",
    });
    const conversation = account.conversations(String(conversationSid));
    const participants = await conversation.participants.list();
    expect(participants.map(({ identity, messagingBinding }) => [identity, messagingBinding])).toEqual([
      [null, expect.objectContaining({ address: ann })],
      [null, expect.objectContaining({ projected_address: smsNumber })],
      [null, expect.objectContaining({ address: bob })],
    ]);
    expect(await conversation.messages.list()).toMatchObject([{ author: ann, body: "Meet my partner" }]);
  });

  it("returns to the phone when all members have joined; until then webhooks see it initializing", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    await account.control("POST", "/rules", { joining: 60_000 });
    const attached = {
      "autoCreation.type": "webhook",
      "autoCreation.webhookUrl": "https://example.com",
      "autoCreation.webhookFilters": ["onParticipantRemoved"],
    };
    await account.autocreate(attached);
    const seen: string[] = [];
    let made = () => {};
    const isMade = new Promise<void>((resolve) => {
      made = resolve;
    });
    const look = await account.receiver(async (request, response) => {
      const { state } = await account.conversations(String(request.fields.get("ConversationSid"))).fetch();
      seen.push(`${request.fields.get("EventType")} ${state}`);
      response.end();
      made();
    });
    await account.client.conversations.v1.configuration.webhooks().update({
      postWebhookUrl: look.url,
      filters: ["onConversationAdded", "onConversationStateUpdated"],
    });
    const path = `/phones/${encodeURIComponent(ann)}/messages`;
    let answered = false;
    const first = account.control("POST", path, { to: [smsNumber, bob], body: "Hi" }).finally(() => {
      answered = true;
    });
    await isMade;
    const second = account.control("POST", path, { to: [bob, smsNumber], body: "Anybody?" });
    const [conversation] = await account.conversations.list();
    const { webhooks } = account.conversations(conversation?.sid ?? "");
    const [webhook] = await webhooks.list();
    const changes = [
      webhooks(webhook?.sid ?? "").update({ "configuration.method": "get" }),
      webhooks(webhook?.sid ?? "").remove(),
    ];
    for (const change of changes) expect(await rejection(change)).toBe("400/50386");
    await account.emulator.advance(59_999);
    expect(answered).toBe(false);
    await account.emulator.advance(1);
    for (const { body } of [await first, await second]) expect(body).toMatchObject({ routed: true });
    await account.emulator.settle();
    expect(seen).toEqual(["onConversationAdded initializing", "onConversationStateUpdated active"]);
    const [only] = await account.conversations.list();
    const messages = await account.conversations(only?.sid ?? "").messages.list();
    expect(messages.map(({ body }) => body)).toEqual(["Hi", "Anybody?"]);
  });

  it("creates one conversation, also when its members all write at the same instant", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    await autocreating(account);
    const say = (from: string, to: string) =>
      account.control("POST", `/phones/${encodeURIComponent(from)}/messages`, {
        to: [smsNumber, to],
        body: from,
      });
    const answers = await Promise.all([say(ann, bob), say(bob, ann), say(ann, bob)]);
    expect(new Set(answers.map(({ body }) => body.conversationSid)).size).toBe(1);
    expect(answers.map(({ body }) => body.routed)).toEqual([true, true, true]);
    const [only] = await account.conversations.list();
    expect(await account.conversations(only?.sid ?? "").messages.list()).toHaveLength(3);
  });

  it("is rejected as a whole by the pre-action webhook", async () => {
    const account = fixture.current;
    await autocreating(account);
    const moderator = await account.receiver((_request, response) => response.writeHead(403).end());
    await account.client.conversations.v1.configuration.webhooks().update({ preWebhookUrl: moderator.url });
    const routing = await account.send(ann, "", { to: [account.emulator.smsNumber, bob], body: "Hi" });
    expect(routing).toMatchObject({ routed: false });
    expect(await account.conversations.list()).toEqual([]);
  });
});
