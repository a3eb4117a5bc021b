import { parse } from "node:querystring";
import twilio from "twilio";
import { describe, expect, it } from "vitest";
import { type Bench, useBench } from "../support/emulator.ts";
import { autocreating } from "../support/inbound.ts";

const bench = useBench();
const [ann, bob] = ["+15558675310", "+15558675311"];

/** An agent behind the account's number, and people, in one conversation. */
async function group(b: Bench, ...people: string[]) {
  const conversation = await b.conversation();
  await conversation.participants.create({
    identity: "agent",
    "messagingBinding.projectedAddress": b.emulator.smsNumber,
  });
  for (const address of people)
    await conversation.participants.create({ "messagingBinding.address": address });
  return conversation;
}

/** "Inbound Message Handling & Autocreation": The "Number Pair" becomes the "Number Group". */
describe("a group text from a phone", () => {
  it("goes to the conversation whose members have just these numbers, in any order", async () => {
    const b = bench.current;
    const { smsNumber } = b.emulator;
    const conversation = await group(b, ann, bob);
    const { sid } = await conversation.fetch();
    expect(await b.send(ann, "", { to: [smsNumber, bob], body: "Hi" })).toMatchObject({
      conversationSid: sid,
    });
    expect(await b.send(bob, "", { to: [ann, smsNumber], body: "Hi" })).toMatchObject({
      conversationSid: sid,
    });
    const messages = await conversation.messages.list();
    expect(messages.map(({ author }) => author)).toEqual([ann, bob]);
  });

  it("is on the other people's phones from their carrier, once, with everybody's number", async () => {
    const b = bench.current;
    const { smsNumber } = b.emulator;
    const conversation = await group(b, ann, bob);
    await b.send(ann, "", { to: [smsNumber, bob], body: "Dinner?" });
    expect(await b.inbox(bob)).toMatchObject([
      { direction: "in", from: ann, to: bob, recipients: [smsNumber], body: "Dinner?" },
    ]);
    expect(await b.inbox(ann)).toMatchObject([
      { direction: "out", from: ann, recipients: [smsNumber, bob], body: "Dinner?" },
    ]);
    const [message] = await conversation.messages.list();
    expect(message?.delivery).toBeNull();
  });

  it("does not go where one number is missing or one too many, nor does a text to the agent alone", async () => {
    const b = bench.current;
    const { smsNumber } = b.emulator;
    await group(b, ann, bob);
    const elsewhere = { routed: false, reason: "no conversation has this group of numbers" };
    const third = "+15558675312";
    expect(await b.send(ann, "", { to: [smsNumber, third], body: "Hi" })).toEqual(elsewhere);
    expect(await b.send(ann, "", { to: [smsNumber, bob, third], body: "Hi" })).toEqual(elsewhere);
    expect(await b.send(ann, smsNumber, "Hi")).toMatchObject({ routed: false });
  });

  it("of two is an ordinary text, which the one-to-one phase of a group receives", async () => {
    const b = bench.current;
    const conversation = await group(b, ann);
    const { sid } = await conversation.fetch();
    expect(await b.send(ann, b.emulator.smsNumber, "Hi")).toMatchObject({ conversationSid: sid });
  });

  it.each([
    ["a toll-free number", ["+18005550100"]],
    ["a foreign number", ["+37256123457"]],
    ["more than ten members", Array.from({ length: 9 }, (_, i) => `+1555867532${i}`)],
  ])("with %s goes nowhere", async (_what, others) => {
    const b = bench.current;
    await autocreating(b);
    const routing = await b.send(ann, "", { to: [b.emulator.smsNumber, ...others], body: "Hi" });
    expect(routing).toMatchObject({ routed: false, reason: expect.stringContaining("group text") });
    expect(await b.conversations.list()).toEqual([]);
  });

  it.each([
    ["without a number of the account", ann, [bob, "+15558675312"], "to"],
    ["with a number twice", ann, [bob, bob, "+15017122661"], "to"],
    ["with the phone itself", ann, [ann, "+15017122661"], "to"],
    ["with nobody", ann, [], "to"],
    ["with what is no number", ann, ["+15017122661", "Bob"], "to"],
    ["on WhatsApp", "whatsapp:+15558675310", ["whatsapp:+14155238886", "whatsapp:+15558675311"], "to"],
    ["from the account", "+15017122661", [ann], "address"],
  ])("%s is a mistake of the caller's", async (_what, from, to, field) => {
    const path = `/phones/${encodeURIComponent(from)}/messages`;
    const { status, body } = await bench.current.control("POST", path, { to, body: "Hi" });
    expect({ status, field: body.field }).toEqual({ status: 400, field });
  });
});

/** "Inbound Message Handling & Autocreation": Autocreation Webhooks for Group Texts; the order as it was seen. */
describe("a group text among strangers", () => {
  it("makes a conversation that is initializing until everybody and the message are in it", async () => {
    const b = bench.current;
    const { smsNumber } = b.emulator;
    const receiver = await autocreating(b);
    const { conversationSid } = await b.send(ann, "", { to: [smsNumber, bob], body: "Meet my partner" });
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
          b.emulator.authToken,
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
    const conversation = b.conversations(String(conversationSid));
    const participants = await conversation.participants.list();
    expect(participants.map(({ identity, messagingBinding }) => [identity, messagingBinding])).toEqual([
      [null, expect.objectContaining({ address: ann })],
      [null, expect.objectContaining({ projected_address: smsNumber })],
      [null, expect.objectContaining({ address: bob })],
    ]);
    expect(await conversation.messages.list()).toMatchObject([{ author: ann, body: "Meet my partner" }]);
  });

  it("answers the phone when everybody has joined; until then webhooks find it initializing", async () => {
    const b = bench.current;
    const { smsNumber } = b.emulator;
    await b.control("POST", "/rules", { joining: 60_000 });
    await b.autocreate();
    const seen: string[] = [];
    let made = () => {};
    const isMade = new Promise<void>((resolve) => {
      made = resolve;
    });
    const look = await b.receiver(async (request, response) => {
      const { state } = await b.conversations(String(request.fields.get("ConversationSid"))).fetch();
      seen.push(`${request.fields.get("EventType")} ${state}`);
      response.end();
      made();
    });
    await b.client.conversations.v1.configuration.webhooks().update({
      postWebhookUrl: look.url,
      filters: ["onConversationAdded", "onConversationStateUpdated"],
    });
    const path = `/phones/${encodeURIComponent(ann)}/messages`;
    let answered = false;
    const first = b.control("POST", path, { to: [smsNumber, bob], body: "Hi" }).finally(() => {
      answered = true;
    });
    await isMade;
    const second = b.control("POST", path, { to: [bob, smsNumber], body: "Anybody?" });
    await b.emulator.advance(59_999);
    expect(answered).toBe(false);
    await b.emulator.advance(1);
    for (const { body } of [await first, await second]) expect(body).toMatchObject({ routed: true });
    await b.emulator.settle();
    expect(seen).toEqual(["onConversationAdded initializing", "onConversationStateUpdated active"]);
    const [only] = await b.conversations.list();
    const messages = await b.conversations(only?.sid ?? "").messages.list();
    expect(messages.map(({ body }) => body)).toEqual(["Hi", "Anybody?"]);
  });

  it("makes one conversation, also when its members all write at the same instant", async () => {
    const b = bench.current;
    const { smsNumber } = b.emulator;
    await autocreating(b);
    const say = (from: string, to: string) =>
      b.control("POST", `/phones/${encodeURIComponent(from)}/messages`, { to: [smsNumber, to], body: from });
    const answers = await Promise.all([say(ann, bob), say(bob, ann), say(ann, bob)]);
    expect(new Set(answers.map(({ body }) => body.conversationSid)).size).toBe(1);
    expect(answers.map(({ body }) => body.routed)).toEqual([true, true, true]);
    const [only] = await b.conversations.list();
    expect(await b.conversations(only?.sid ?? "").messages.list()).toHaveLength(3);
  });

  it("is rejected as a whole by the pre-action webhook", async () => {
    const b = bench.current;
    await autocreating(b);
    const moderator = await b.receiver((_request, response) => response.writeHead(403).end());
    await b.client.conversations.v1.configuration.webhooks().update({ preWebhookUrl: moderator.url });
    const routing = await b.send(ann, "", { to: [b.emulator.smsNumber, bob], body: "Hi" });
    expect(routing).toMatchObject({ routed: false });
    expect(await b.conversations.list()).toEqual([]);
  });
});
