import { describe, expect, it } from "vitest";
import { readTwiml } from "../../../emulator/channels/twiml.ts";
import { signWebhook } from "../../../emulator/webhooks/signature.ts";
import { type Bench, useBench } from "../support/emulator.ts";

const bench = useBench();
const person = "+15558675310";

/** Gives the account's SMS number a messaging webhook that answers with `twiml`. */
async function answering(b: Bench, twiml = "<Response/>") {
  const receiver = await b.receiver((_request, response) => response.end(twiml));
  const [number] = await b.client.incomingPhoneNumbers.list();
  await b.client.incomingPhoneNumbers(number?.sid ?? "").update({ smsUrl: `${receiver.url}/sms` });
  return receiver;
}

/** "Inbound Message Handling & Autocreation": Conversations vs. Programmable Messaging Inbound. */
describe("a number's own messaging webhook", () => {
  it("is called, signed, with what belongs to no conversation", async () => {
    const b = bench.current;
    const receiver = await answering(b);
    await b.send(person, b.emulator.smsNumber, { body: "Hello", media: ["https://example.com/a.png"] });
    const [request] = receiver.received;
    expect(Object.fromEntries(request?.fields ?? [])).toMatchObject({
      MessageSid: expect.stringMatching(/^MM/),
      AccountSid: b.emulator.accountSid,
      From: person,
      To: b.emulator.smsNumber,
      Body: "Hello",
      NumMedia: "1",
      MediaUrl0: "https://example.com/a.png",
      MediaContentType0: "image/png",
    });
    const signature = signWebhook(b.emulator.authToken, `${receiver.url}/sms`, request?.fields ?? new Map());
    expect(request?.headers["x-twilio-signature"]).toBe(signature);
    expect(await b.webhooks()).toMatchObject([{ scope: "number", event: "incomingMessage" }]);
  });

  it("answers the phone with its TwiML", async () => {
    const b = bench.current;
    await answering(b, "<Response><Message>We are &lt;closed&gt; &amp; asleep</Message></Response>");
    await b.send(person, b.emulator.smsNumber, "Hello");
    expect(await b.inbox(person)).toMatchObject([
      { direction: "out", body: "Hello" },
      {
        direction: "in",
        from: b.emulator.smsNumber,
        body: "We are <closed> & asleep",
        conversationSid: null,
      },
    ]);
  });

  it("is called for what a conversation takes, too", async () => {
    const b = bench.current;
    const receiver = await answering(b);
    const conversation = await b.conversation();
    await conversation.participants.create({
      "messagingBinding.address": person,
      "messagingBinding.proxyAddress": b.emulator.smsNumber,
    });
    expect(await b.send(person, b.emulator.smsNumber, "Hello")).toMatchObject({ routed: true });
    expect(receiver.values("Body")).toEqual(["Hello"]);
  });

  it("sees the other numbers of a group text", async () => {
    const b = bench.current;
    const receiver = await answering(b);
    await b.send(person, "", { to: ["+15558675311", b.emulator.smsNumber, "+15558675312"], body: "Hi" });
    expect(Object.fromEntries(receiver.received[0]?.fields ?? [])).toMatchObject({
      MessageSid: expect.stringMatching(/^MM/),
      To: b.emulator.smsNumber,
      OtherRecipients0: "+15558675311",
      OtherRecipients1: "+15558675312",
    });
  });

  it("gives way to that of the number's messaging service, which is for what belongs nowhere", async () => {
    const b = bench.current;
    const own = await answering(b);
    const pooled = await b.receiver();
    const { services } = b.client.messaging.v1;
    const { sid } = await services.create({ friendlyName: "Pool", inboundRequestUrl: pooled.url });
    const [number] = await b.client.incomingPhoneNumbers.list();
    await services(sid).phoneNumbers.create({ phoneNumberSid: number?.sid ?? "" });
    await b.send(person, b.emulator.smsNumber, "One");
    await services(sid).update({ useInboundWebhookOnNumber: true });
    await b.send(person, b.emulator.smsNumber, "Two");
    expect([pooled.values("Body"), own.values("Body")]).toEqual([["One"], ["Two"]]);
    expect(pooled.values("MessagingServiceSid")).toEqual([sid]);
  });

  it.each(["conversation that it would have made", "conversation that it belongs to"])(
    "of a messaging service does not get what the pre-action webhook drops from the %s",
    async (place) => {
      const b = bench.current;
      const { smsNumber } = b.emulator;
      const pooled = await b.receiver();
      const { services } = b.client.messaging.v1;
      const { sid } = await services.create({ friendlyName: "Pool", inboundRequestUrl: pooled.url });
      const [number] = await b.client.incomingPhoneNumbers.list();
      await services(sid).phoneNumbers.create({ phoneNumberSid: number?.sid ?? "" });
      if (place.endsWith("made"))
        await b.control("POST", `/messaging-services/${sid}`, { autoCreation: true });
      else {
        const { participants } = await b.conversation();
        const pair = { "messagingBinding.address": person, "messagingBinding.proxyAddress": smsNumber };
        await participants.create(pair);
      }
      const moderator = await b.receiver((_request, response) => response.writeHead(403).end());
      await b.client.conversations.v1.configuration.webhooks().update({ preWebhookUrl: moderator.url });
      expect(await b.send(person, smsNumber, "spam")).toEqual({
        routed: false,
        dropped: true,
        reason: expect.stringContaining("50056"),
      });
      expect(pooled.received).toEqual([]);
    },
  );

  it("of a WhatsApp sender is set by the control API, and must be a URL", async () => {
    const b = bench.current;
    const receiver = await b.receiver();
    const address = b.emulator.whatsappNumber;
    await b.control("POST", "/numbers", { address, smsUrl: receiver.url });
    await b.send("whatsapp:+15558675310", address, "Hello");
    expect(receiver.values("WaId")).toEqual(["15558675310"]);
    expect((await b.control("POST", "/numbers", { address, smsUrl: "nowhere" })).status).toBe(400);
  });
});

describe("TwiML", () => {
  it.each([
    [
      "<Response><Message><Body>One</Body><Media>https://a.example/b.png</Media></Message></Response>",
      ["One"],
    ],
    [
      "<?xml version='1.0'?><Response>\n<Message>One</Message><Message>Two</Message></Response>",
      ["One", "Two"],
    ],
    ["<Response><Message>&#72;&#x69;</Message></Response>", ["Hi"]],
    ["<Response/>", []],
    ["<Response><!-- <Message>Later</Message> --><Message>Now</Message></Response>", ["Now"]],
    ["<Response><Message><![CDATA[1 < 2 &amp; <b>]]></Message></Response>", ["1 < 2 &amp; <b>"]],
    ["<Response><Message/><Message> </Message><Message>Hello</Message></Response>", ["Hello"]],
    ["Hello", []],
    ["", []],
  ])("%s says %j", (twiml, bodies) => {
    expect(readTwiml(twiml).map(({ body }) => body)).toEqual(bodies);
  });

  it("names the media of its messages", () => {
    const twiml =
      "<Response><Message>Look<Media>https://a.example/b?c=1&amp;d=2</Media></Message></Response>";
    expect(readTwiml(twiml)).toEqual([{ body: "Look", media: ["https://a.example/b?c=1&d=2"] }]);
  });
});
