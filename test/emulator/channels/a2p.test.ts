import { describe, expect, it } from "vitest";
import { type TestAccount, useAccount } from "../support/emulator.ts";
import { member, pair, post, projection } from "../support/outbound.ts";

const fixture = useAccount();
const person = "+14155550101";

async function textFrom(account: TestAccount, number: string, to: string) {
  await account.control("POST", "/numbers", { address: number });
  const conversation = await account.conversation();
  await conversation.participants.create(pair(to, number));
  return post(account, conversation, { body: "Hello" });
}

const enforce = (account: TestAccount, a2p = true) => account.control("POST", "/rules", { a2p });

/** "A2P 10DLC Registration in Conversations". */
describe("A2P 10DLC", () => {
  it("is not required unless it is enabled", async () => {
    const account = fixture.current;
    expect((await account.control("GET", "/rules")).body).toEqual({ a2p: false, sandbox: false, joining: 0 });
    expect(await textFrom(account, account.emulator.smsNumber, person)).toEqual(["delivered"]);
    expect((await enforce(account)).body).toMatchObject({ a2p: true });
    expect(await textFrom(account, account.emulator.smsNumber, "+14155550102")).toEqual([
      "undelivered 30034",
    ]);
    await enforce(account, false);
    expect(await textFrom(account, account.emulator.smsNumber, "+14155550103")).toEqual(["delivered"]);
  });

  it.each([
    ["a US long code", "+15017122661", person, "undelivered 30034"],
    ["a Canadian long code", "+14165550100", person, "undelivered 30034"],
    ["a toll-free number", "+18885550100", person, "delivered"],
    ["a British number", "+447400000001", person, "delivered"],
    ["a US long code to Canada", "+15017122661", "+14165550101", "delivered"],
    ["a US long code to Jamaica", "+15017122661", "+18765550101", "delivered"],
    ["a US long code to Britain", "+15017122661", "+447400000002", "delivered"],
  ])("%s: %s to %s is %s", async (_who, number, to, outcome) => {
    const account = fixture.current;
    await enforce(account);
    expect(await textFrom(account, number, to)).toEqual([outcome]);
  });

  it("is done by adding the number to a messaging service that has a campaign", async () => {
    const account = fixture.current;
    await enforce(account);
    const { services } = account.client.messaging.v1;
    const service = await services.create({ friendlyName: "Campaign" });
    expect(service.usAppToPersonRegistered).toBe(false);
    const [number] = await account.client.incomingPhoneNumbers.list();
    await services(service.sid).phoneNumbers.create({ phoneNumberSid: number?.sid ?? "" });
    expect(await textFrom(account, account.emulator.smsNumber, person)).toEqual(["undelivered 30034"]);
    const registered = await account.control("POST", "/campaigns", { messagingServiceSid: service.sid });
    expect(registered.body).toEqual({ messagingServiceSid: service.sid, registered: true });
    expect((await services(service.sid).fetch()).usAppToPersonRegistered).toBe(true);
    expect(await textFrom(account, account.emulator.smsNumber, "+14155550102")).toEqual(["delivered"]);
    await account.control("POST", "/campaigns", { messagingServiceSid: service.sid, registered: false });
    expect(await textFrom(account, account.emulator.smsNumber, "+14155550103")).toEqual([
      "undelivered 30034",
    ]);
  });

  it("is required for projected addresses, not for people's numbers or WhatsApp", async () => {
    const account = fixture.current;
    await enforce(account);
    const { smsNumber, whatsappNumber } = account.emulator;
    const group = await account.conversation();
    await group.participants.create(projection(smsNumber));
    await group.participants.create(member(person));
    await group.participants.create(member("+14155550102"));
    expect(await post(account, group, { author: smsNumber, body: "Hi" })).toEqual([
      "undelivered 30034",
      "undelivered 30034",
    ]);
    expect(await post(account, group, { author: person, body: "Hi" })).toEqual(["delivered"]);
    const rider = "whatsapp:+14155550103";
    await account.send(rider, whatsappNumber, "Hi");
    const conversation = await account.conversation();
    await conversation.participants.create(pair(rider, whatsappNumber));
    expect(await post(account, conversation, { body: "Hi" })).toEqual(["delivered"]);
  });

  it("names the invalid field", async () => {
    const account = fixture.current;
    expect(await account.control("POST", "/rules", { a2p: "yes" })).toMatchObject({
      status: 400,
      body: { field: "a2p" },
    });
    for (const joining of [-1, 0.5, "700", 3_600_001])
      expect(await account.control("POST", "/rules", { joining })).toMatchObject({
        status: 400,
        body: { field: "joining" },
      });
    expect(await account.control("POST", "/rules", { tcr: true })).toMatchObject({
      status: 400,
      body: { field: "tcr" },
    });
    const nobody = { messagingServiceSid: "MG0" };
    expect(await account.control("POST", "/campaigns", nobody)).toMatchObject({
      status: 400,
      body: { field: "messagingServiceSid" },
    });
  });
});

describe("an emulator that starts with the rule", () => {
  const strict = useAccount({ a2p: true });

  it("enables it again with every reset", async () => {
    const account = strict.current;
    await enforce(account, false);
    expect(await textFrom(account, account.emulator.smsNumber, person)).toEqual(["delivered"]);
    await account.control("POST", "/reset");
    expect(await textFrom(account, account.emulator.smsNumber, person)).toEqual(["undelivered 30034"]);
  });
});
