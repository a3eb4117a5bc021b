import { describe, expect, it } from "vitest";
import { rejection, startTime, useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const person = "+15558675310";

describe("messages outside conversations", () => {
  it("reach the phone, and their statuses the status callback", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    const receiver = await account.receiver();
    const sent = await account.client.messages.create({
      to: person,
      from: smsNumber,
      body: "Your code is 123",
      statusCallback: `${receiver.url}/status`,
    });
    expect(sent).toMatchObject({
      sid: expect.stringMatching(/^SM/),
      status: "queued",
      direction: "outbound-api",
    });
    await account.emulator.settle();
    expect(await account.inbox(person)).toMatchObject([
      { sid: sent.sid, from: smsNumber, body: "Your code is 123" },
    ]);
    expect(receiver.values("MessageStatus")).toEqual(["sent", "delivered"]);
    expect(receiver.values("MessageSid")).toEqual([sent.sid, sent.sid]);
    expect(await account.client.messages(sent.sid).fetch()).toMatchObject({
      status: "delivered",
      errorCode: null,
    });
    await account.send(person, smsNumber, "Thanks");
    const all = await account.client.messages.list();
    expect(all.map(({ direction, body }) => [direction, body])).toEqual([
      ["inbound", "Thanks"],
      ["outbound-api", "Your code is 123"],
    ]);
    expect(await account.client.messages.list({ to: smsNumber })).toHaveLength(1);
    expect((await account.client.messages(sent.sid).update({ body: "" })).body).toBe("");
    await account.client.messages(sent.sid).remove();
    expect(await rejection(account.client.messages(sent.sid).fetch())).toBe("404/20404");
    expect(await account.conversations.list()).toEqual([]);
  });

  it("use the status callback of their messaging service unless they have one", async () => {
    const { client, emulator, receiver } = fixture.current;
    const [ofService, own] = await Promise.all(
      [receiver, receiver].map((start) => start.call(fixture.current)),
    );
    const { sid: messagingServiceSid } = await client.messaging.v1.services.create({
      friendlyName: "Alerts",
      statusCallback: ofService?.url ?? "",
    });
    const [number] = await client.incomingPhoneNumbers.list();
    await client.messaging.v1
      .services(messagingServiceSid)
      .phoneNumbers.create({ phoneNumberSid: number?.sid ?? "" });
    const message = { to: person, messagingServiceSid, body: "Hi" };
    await client.messages.create(message);
    await client.messages.create({ ...message, statusCallback: own?.url ?? "" });
    await emulator.settle();
    for (const callback of [ofService, own]) {
      expect(callback?.values("MessageStatus")).toEqual(["queued", "sent", "delivered"]);
      expect(new Set(callback?.values("MessagingServiceSid"))).toEqual(new Set([messagingServiceSid]));
      expect(new Set(callback?.values("From"))).toEqual(new Set([emulator.smsNumber]));
    }
  });

  it("begin as accepted with a messaging service, which then chooses the sender", async () => {
    const account = fixture.current;
    const { client, emulator } = account;
    const { sid: messagingServiceSid } = await client.messaging.v1.services.create({ friendlyName: "Pool" });
    const [number] = await client.incomingPhoneNumbers.list();
    const { phoneNumbers } = client.messaging.v1.services(messagingServiceSid);
    await phoneNumbers.create({ phoneNumberSid: number?.sid ?? "" });
    const contentSid = await account.template({ "twilio/text": { body: "Hello" } });
    const accepted = { status: "accepted", numSegments: "0", dateSent: null, messagingServiceSid };
    const [text, template, given] = await Promise.all([
      client.messages.create({ to: person, messagingServiceSid, body: "Hello" }),
      client.messages.create({ to: person, messagingServiceSid, contentSid }),
      client.messages.create({ to: person, messagingServiceSid, from: emulator.smsNumber, body: "Hello" }),
    ]);
    expect(text).toMatchObject({ ...accepted, from: null, body: "Hello" });
    expect(template).toMatchObject({ ...accepted, from: null, body: "" });
    expect(given).toMatchObject({ ...accepted, from: emulator.smsNumber });
    await emulator.settle();
    for (const { sid } of [text, template, given]) {
      const delivered = { status: "delivered", from: emulator.smsNumber, body: "Hello", numSegments: "1" };
      expect(await client.messages(sid).fetch()).toMatchObject(delivered);
    }
    expect(await account.inbox(person)).toHaveLength(3);
  });

  it("are listed by the day and the time at which they were sent", async () => {
    const { client, emulator } = fixture.current;
    const day = 24 * 60 * 60 * 1000;
    for (const body of ["first", "second", "third"]) {
      await client.messages.create({ to: person, from: emulator.smsNumber, body });
      await emulator.advance(day);
    }
    const bodies = async (filter: object) =>
      (await client.messages.list({ pageSize: 1, ...filter })).map(({ body }) => body);
    const second = new Date(startTime + day);
    expect(await bodies({ dateSent: second })).toEqual(["second"]);
    expect(await bodies({ dateSentAfter: second })).toEqual(["third", "second"]);
    expect(await bodies({ dateSentBefore: second })).toEqual(["second", "first"]);
    expect(await bodies({ dateSentBefore: new Date(startTime + day - 1000) })).toEqual(["first"]);
    const path = `/2010-04-01/Accounts/${emulator.accountSid}/Messages.json`;
    const ofDay = async (query: string) => {
      const { status, body } = await fixture.current.rest("GET", `${path}?${query}`);
      return status === 200
        ? (body.messages as { body: string }[]).map((message) => message.body)
        : body.code;
    };
    expect(await ofDay("DateSent=2026-01-06")).toEqual(["second"]);
    expect(await ofDay("DateSent<=2026-01-06&DateSent>=2026-01-06")).toEqual(["second"]);
    expect(await ofDay("DateSent=yesterday")).toBe(20422);
  });

  it("go by WhatsApp's window, with a template and its buttons outside it", async () => {
    const account = fixture.current;
    const to = `whatsapp:${person}`;
    const from = account.emulator.whatsappNumber;
    const outcome = async (content: { body: string } | { contentSid: string }) => {
      const { sid } = await account.client.messages.create({ to, from, ...content });
      await account.emulator.settle();
      const { status, errorCode } = await account.client.messages(sid).fetch();
      return [status, errorCode];
    };
    expect(await outcome({ body: "Hi" })).toEqual(["undelivered", 63016]);
    const types = { "twilio/quick-reply": { body: "Coming?", actions: [{ title: "Yes", id: "y" }] } };
    const contentSid = await account.template(types, "approved");
    expect(await outcome({ contentSid })).toEqual(["delivered", null]);
    expect((await account.inbox(to)).at(-1)).toMatchObject({ body: "Coming?", buttons: ["Yes"] });
  });

  it.each([
    ["no recipient", { to: "" }, 21604],
    ["what is no number", { to: "5558675310" }, 21211],
    ["no sender", { from: undefined }, 21603],
    ["a number of somebody else", { from: "+15005550006" }, 21606],
    [
      "a WhatsApp sender of somebody else",
      { to: `whatsapp:${person}`, from: "whatsapp:+15005550006" },
      63007,
    ],
    ["two channels", { to: `whatsapp:${person}` }, 21910],
    ["itself", { to: "+15017122661" }, 21266],
    ["nothing", { body: undefined }, 21602],
    ["too much", { body: "x".repeat(1601) }, 21617],
    ["what is no URL", { mediaUrl: ["file:///etc/passwd"] }, 21620],
    ["a callback that is none", { statusCallback: "soon" }, 21609],
    ["a messaging service without numbers", { from: undefined, messagingServiceSid: "default" }, 21703],
    ["an unknown messaging service", { from: undefined, messagingServiceSid: `MG${"0".repeat(32)}` }, 21701],
    ["an unknown messaging service beside a sender", { messagingServiceSid: `MG${"0".repeat(32)}` }, 21701],
    ["a time to send it at", { sendAt: new Date(0), scheduleType: "fixed" }, "501/20501"],
    ["an application", { applicationSid: `AP${"0".repeat(32)}` }, "501/20501"],
    ["an address on a channel that is not emulated", { to: "apple:urn:mbid:person" }, "501/20501"],
    ["a sender on one", { from: "gbm:agent" }, "501/20501"],
    ["an unknown template", { contentSid: `HX${"0".repeat(32)}` }, 21655],
    ["variables without a template", { contentVariables: "{}" }, 21654],
  ])("are refused with %s", async (_what, change: Record<string, unknown>, code) => {
    const { client, emulator } = fixture.current;
    const fields: Record<string, unknown> = { to: person, from: emulator.smsNumber, body: "Hi", ...change };
    if (fields.messagingServiceSid === "default") fields.messagingServiceSid = emulator.messagingServiceSid;
    const expected = typeof code === "number" ? `400/${code}` : code;
    expect(await rejection(client.messages.create(fields as never))).toBe(expected);
  });

  it.each(["[1]", "{", '{"1":null}', '{"1":""}'])(
    "are refused with the variables %s",
    async (contentVariables) => {
      const { client, emulator, template } = fixture.current;
      const contentSid = await template.call(fixture.current, { "twilio/text": { body: "Hi {{1}}." } });
      const message = { to: person, from: emulator.smsNumber, contentSid, contentVariables };
      expect(await rejection(client.messages.create(message))).toBe("400/21656");
      await client.messages.create({ ...message, contentVariables: '{"1":"Ann"}' });
    },
  );

  it("are refused for who has opted out", async () => {
    const { client, emulator } = fixture.current;
    await fixture.current.send(person, emulator.smsNumber, "STOP");
    const message = { to: person, from: emulator.smsNumber, body: "Hi" };
    expect(await rejection(client.messages.create(message))).toBe("400/21610");
  });
});
