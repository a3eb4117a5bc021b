import { describe, expect, it } from "vitest";
import { readTwiml } from "../../../emulator/channels/twiml.ts";
import { signWebhook } from "../../../emulator/webhooks/signature.ts";
import { type TestAccount, useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const person = "+15558675310";

/** Sets a messaging webhook on the account's SMS number that responds with `twiml`. */
async function setWebhook(account: TestAccount, twiml = "<Response/>") {
  const receiver = await account.receiver((_request, response) => response.end(twiml));
  const [number] = await account.client.incomingPhoneNumbers.list();
  await account.client.incomingPhoneNumbers(number?.sid ?? "").update({ smsUrl: `${receiver.url}/sms` });
  return receiver;
}

/** "Inbound Message Handling & Autocreation": Conversations vs. Programmable Messaging Inbound. */
describe("a number's own messaging webhook", () => {
  it("is called, signed, with messages that belong to no conversation", async () => {
    const account = fixture.current;
    const receiver = await setWebhook(account);
    await account.send(person, account.emulator.smsNumber, {
      body: "Hello",
      media: ["https://example.com/a.png"],
    });
    const [request] = receiver.received;
    expect(Object.fromEntries(request?.fields ?? [])).toMatchObject({
      MessageSid: expect.stringMatching(/^MM/),
      AccountSid: account.emulator.accountSid,
      From: person,
      To: account.emulator.smsNumber,
      Body: "Hello",
      NumMedia: "1",
      MediaUrl0: expect.stringMatching(
        `^${account.emulator.url}/2010-04-01/Accounts/AC\\w{32}/Messages/MM\\w{32}/Media/ME\\w{32}$`,
      ),
      MediaContentType0: "image/png",
    });
    const signature = signWebhook(
      account.emulator.authToken,
      `${receiver.url}/sms`,
      request?.fields ?? new Map(),
    );
    expect(request?.headers["x-twilio-signature"]).toBe(signature);
    expect(await account.webhooks()).toMatchObject([{ scope: "number", event: "incomingMessage" }]);
  });

  it("names files that can be fetched with the account's credentials", async () => {
    const account = fixture.current;
    const receiver = await setWebhook(account);
    const bytes = Buffer.alloc(1_500_000, "pdf");
    const media = [
      `data:application/pdf;base64,${bytes.toString("base64")}`,
      `${receiver.url}/elsewhere.png`,
    ];
    await account.send(person, account.emulator.smsNumber, { media });
    const fields = receiver.received[0]?.fields;
    const fetchWith = (url: string, authorization?: string) =>
      fetch(url, { redirect: "manual", headers: authorization === undefined ? {} : { authorization } });
    const { accountSid, authToken } = account.emulator;
    const basic = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    const file = await fetchWith(fields?.get("MediaUrl0") ?? "", basic);
    expect(file.headers.get("content-type")).toBe("application/pdf");
    expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true);
    const { apiKeySid, apiKeySecret } = account.emulator;
    const statusWith = async (user: string, password: string) => {
      const credentials = Buffer.from(`${user}:${password}`).toString("base64");
      return (await fetchWith(fields?.get("MediaUrl0") ?? "", `Basic ${credentials}`)).status;
    };
    expect(await statusWith(apiKeySid, apiKeySecret)).toBe(200);
    expect(await statusWith(accountSid, "another token")).toBe(401);
    expect(await statusWith(`AC${"0".repeat(32)}`, authToken)).toBe(401);
    expect((await fetchWith(fields?.get("MediaUrl0") ?? "")).status).toBe(401);
    const other = await fetchWith(fields?.get("MediaUrl1") ?? "", basic);
    expect([other.status, other.headers.get("location")]).toEqual([307, media[1]]);
    const messageSid = String(fields?.get("MessageSid"));
    const list = await account.client.messages(messageSid).media.list();
    expect(list.map(({ contentType, parentSid }) => [contentType, parentSid])).toEqual([
      ["application/pdf", messageSid],
      ["image/png", messageSid],
    ]);
  });

  it("names a file from WhatsApp that can be fetched", async () => {
    const account = fixture.current;
    const { accountSid, authToken, whatsappNumber: address } = account.emulator;
    const receiver = await account.receiver();
    await account.control("POST", "/numbers", { address, smsUrl: receiver.url });
    await account.send(`whatsapp:${person}`, address, { media: ["data:image/png;base64,cG5n"] });
    const basic = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    const file = await fetch(receiver.values("MediaUrl0")[0] ?? "", { headers: { authorization: basic } });
    expect([file.status, await file.text()]).toEqual([200, "png"]);
  });

  it("replies to the phone with its TwiML", async () => {
    const account = fixture.current;
    await setWebhook(account, "<Response><Message>We are &lt;closed&gt; &amp; asleep</Message></Response>");
    await account.send(person, account.emulator.smsNumber, "Hello");
    expect(await account.inbox(person)).toMatchObject([
      { direction: "out", body: "Hello" },
      {
        direction: "in",
        from: account.emulator.smsNumber,
        body: "We are <closed> & asleep",
        conversationSid: null,
      },
    ]);
  });

  it("is also called for messages that a conversation receives", async () => {
    const account = fixture.current;
    const receiver = await setWebhook(account);
    const conversation = await account.conversation();
    await conversation.participants.create({
      "messagingBinding.address": person,
      "messagingBinding.proxyAddress": account.emulator.smsNumber,
    });
    expect(await account.send(person, account.emulator.smsNumber, "Hello")).toMatchObject({ routed: true });
    expect(receiver.values("Body")).toEqual(["Hello"]);
  });

  it("receives the other numbers of a group text", async () => {
    const account = fixture.current;
    const receiver = await setWebhook(account);
    await account.send(person, "", {
      to: ["+15558675311", account.emulator.smsNumber, "+15558675312"],
      body: "Hi",
    });
    expect(Object.fromEntries(receiver.received[0]?.fields ?? [])).toMatchObject({
      MessageSid: expect.stringMatching(/^MM/),
      To: account.emulator.smsNumber,
      OtherRecipients0: "+15558675311",
      OtherRecipients1: "+15558675312",
    });
  });

  it("is replaced by that of the number's messaging service, which receives unrouted messages only", async () => {
    const account = fixture.current;
    const own = await setWebhook(account);
    const pooled = await account.receiver();
    const { services } = account.client.messaging.v1;
    const { sid } = await services.create({ friendlyName: "Pool", inboundRequestUrl: pooled.url });
    const [number] = await account.client.incomingPhoneNumbers.list();
    await services(sid).phoneNumbers.create({ phoneNumberSid: number?.sid ?? "" });
    await account.send(person, account.emulator.smsNumber, "One");
    await services(sid).update({ useInboundWebhookOnNumber: true });
    await account.send(person, account.emulator.smsNumber, "Two");
    expect([pooled.values("Body"), own.values("Body")]).toEqual([["One"], ["Two"]]);
    expect(pooled.values("MessagingServiceSid")).toEqual([sid]);
  });

  it.each(["conversation that it would have created", "conversation that it belongs to"])(
    "of a messaging service is not called for a message that the pre-action webhook drops from the %s",
    async (rejectedBy) => {
      const account = fixture.current;
      const { smsNumber } = account.emulator;
      const pooled = await account.receiver();
      const { services } = account.client.messaging.v1;
      const { sid } = await services.create({ friendlyName: "Pool", inboundRequestUrl: pooled.url });
      const [number] = await account.client.incomingPhoneNumbers.list();
      await services(sid).phoneNumbers.create({ phoneNumberSid: number?.sid ?? "" });
      if (rejectedBy.endsWith("created"))
        await account.control("POST", `/messaging-services/${sid}`, { autoCreation: true });
      else {
        const { participants } = await account.conversation();
        const pair = { "messagingBinding.address": person, "messagingBinding.proxyAddress": smsNumber };
        await participants.create(pair);
      }
      const moderator = await account.receiver((_request, response) => response.writeHead(403).end());
      await account.client.conversations.v1.configuration.webhooks().update({ preWebhookUrl: moderator.url });
      expect(await account.send(person, smsNumber, "spam")).toEqual({
        routed: false,
        dropped: true,
        reason: expect.stringContaining("50056"),
      });
      expect(pooled.received).toEqual([]);
    },
  );

  it("of a WhatsApp sender is set by the control API, and must be a URL", async () => {
    const account = fixture.current;
    const receiver = await account.receiver();
    const address = account.emulator.whatsappNumber;
    await account.control("POST", "/numbers", { address, smsUrl: receiver.url });
    await account.send("whatsapp:+15558675310", address, "Hello");
    expect(receiver.values("WaId")).toEqual(["15558675310"]);
    expect((await account.control("POST", "/numbers", { address, smsUrl: "nowhere" })).status).toBe(400);
    const removed = await account.control("POST", "/numbers", { address, smsUrl: "" });
    expect(removed).toMatchObject({ status: 201, body: { smsUrl: "" } });
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
  ])("%s has the messages %j", (twiml, bodies) => {
    expect(readTwiml(twiml).map(({ body }) => body)).toEqual(bodies);
  });

  it("names the media of its messages", () => {
    const twiml =
      "<Response><Message>Look<Media>https://a.example/b?c=1&amp;d=2</Media></Message></Response>";
    expect(readTwiml(twiml)).toEqual([{ body: "Look", media: ["https://a.example/b?c=1&d=2"] }]);
  });
});
