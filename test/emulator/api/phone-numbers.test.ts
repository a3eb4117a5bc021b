import { describe, expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

describe("numbers to buy", () => {
  const list = async (country: string, kind: "local" | "tollFree" | "mobile", params = {}) => {
    const { local, tollFree, mobile } = fixture.current.client.availablePhoneNumbers(country);
    const lists = {
      local: () => local.list(params),
      tollFree: () => tollFree.list(params),
      mobile: () => mobile.list(params),
    };
    return (await lists[kind]()).map(({ phoneNumber }) => phoneNumber);
  };

  it("are offered by country and kind", async () => {
    const { client, rest, emulator } = fixture.current;
    const countries = await client.availablePhoneNumbers.list();
    expect(countries.map(({ countryCode, country }) => [countryCode, country])).toEqual([
      ["US", "United States"],
      ["CA", "Canada"],
      ["GB", "United Kingdom"],
    ]);
    const uri = `/2010-04-01/Accounts/${emulator.accountSid}/AvailablePhoneNumbers/GB`;
    expect((await client.availablePhoneNumbers("GB").fetch()).subresourceUris).toEqual({
      local: `${uri}/Local.json`,
      toll_free: `${uri}/TollFree.json`,
      mobile: `${uri}/Mobile.json`,
    });
    for (const path of ["DE.json", "US/Voip.json", "US/Local.json?InRegion=CA"]) {
      const answer = await rest.call(fixture.current, "GET", uri.replace("GB", path));
      expect({ path, status: answer.status }).toEqual({ path, status: 501 });
    }
  });

  it.each([
    ["the 50 first", "US", "local", {}, 50, /^\+12125550/],
    ["an area code", "US", "local", { areaCode: 415, limit: 2 }, 2, /^\+14155550/],
    ["another country's area code", "US", "local", { areaCode: 416 }, 0, /x/],
    ["Canada", "CA", "local", { limit: 1 }, 1, /^\+14165550/],
    ["a toll-free number", "US", "tollFree", { limit: 1 }, 1, /^\+1800/],
    ["a mobile", "GB", "mobile", { limit: 1 }, 1, /^\+447700900/],
    ["digits", "US", "local", { contains: "0123" }, 6, /0123/],
    ["letters of a keypad", "US", "local", { contains: "555OTTO", pageSize: 50 }, 0, /x/],
    ["letters that fit", "US", "local", { areaCode: 415, contains: "JJJ01*7" }, 10, /5550\d\d7$/],
    ["an end", "US", "local", { areaCode: 415, contains: "99$" }, 1, /199$/],
    ["a start", "US", "local", { contains: "+1415%7$" }, 10, /^\+1415.*7$/],
    ["texts", "GB", "mobile", { smsEnabled: true, limit: 1 }, 1, /./],
    ["MMS where there is none", "GB", "mobile", { mmsEnabled: true }, 0, /x/],
  ] as const)("are found by %s", async (_what, country, kind, params, count, shape) => {
    const found = await list(country, kind, params);
    expect(found).toHaveLength(count);
    for (const number of found) expect(number).toMatch(shape);
  });

  it("are no longer offered when they are bought, and a wrong pattern is refused", async () => {
    const { client } = fixture.current;
    const [first = ""] = await list("US", "local", { areaCode: 415, limit: 1 });
    await client.incomingPhoneNumbers.create({ phoneNumber: first });
    expect(await list("US", "local", { areaCode: 415 })).not.toContain(first);
    for (const contains of ["1", "12-34", "1".repeat(17)])
      expect(await rejection(list("US", "local", { contains }))).toBe("400/20422");
  });
});

describe("the account's phone numbers", () => {
  it("are bought, listed, changed and given back", async () => {
    const account = fixture.current;
    const { incomingPhoneNumbers } = account.client;
    const bought = await incomingPhoneNumbers.create({ phoneNumber: "+14155550123", friendlyName: "Desk" });
    expect(bought).toMatchObject({
      sid: expect.stringMatching(/^PN/),
      accountSid: account.emulator.accountSid,
      phoneNumber: "+14155550123",
      friendlyName: "Desk",
      smsUrl: "",
    });
    const ofArea = await incomingPhoneNumbers.create({ areaCode: "415" });
    expect(ofArea.phoneNumber).toMatch(/^\+1415555\d{4}$/);
    const all = await incomingPhoneNumbers.list({ pageSize: 1 });
    expect(all.map(({ phoneNumber }) => phoneNumber)).toEqual([
      account.emulator.smsNumber,
      "+14155550123",
      ofArea.phoneNumber,
    ]);
    const found = await incomingPhoneNumbers.list({ phoneNumber: "+14155550123" });
    expect(found.map(({ sid }) => sid)).toEqual([bought.sid]);
    const named = await incomingPhoneNumbers.list({ friendlyName: "Desk" });
    expect(named.map(({ sid }) => sid)).toEqual([bought.sid]);
    const calls = [{ smsMethod: "GET" as const }, { smsApplicationSid: `AP${"0".repeat(32)}` }];
    for (const change of calls)
      expect(await rejection(incomingPhoneNumbers(bought.sid).update(change))).toBe("501/20501");
    expect((await incomingPhoneNumbers(bought.sid).fetch()).dateCreated).toEqual(
      new Date("2026-01-05T10:00:00Z"),
    );

    const changes = { friendlyName: "Front desk", smsUrl: "https://example.com/sms" };
    expect(await incomingPhoneNumbers(bought.sid).update(changes)).toMatchObject(changes);
    await incomingPhoneNumbers(bought.sid).remove();
    expect(await rejection(incomingPhoneNumbers(bought.sid).fetch())).toBe("404/20404");
  });

  it("are bought once, and only in E.164", async () => {
    const { incomingPhoneNumbers } = fixture.current.client;
    const buy = (phoneNumber: string) => incomingPhoneNumbers.create({ phoneNumber });
    expect(await rejection(buy(fixture.current.emulator.smsNumber))).toBe("400/21422");
    expect(await rejection(buy("4155550123"))).toBe("400/21421");
    expect(await rejection(incomingPhoneNumbers.create({}))).toBe("400/21421");
  });

  it("can be proxy addresses as soon as they are bought, and no longer when they are given back", async () => {
    const account = fixture.current;
    const { sid, phoneNumber } = await account.client.incomingPhoneNumbers.create({ areaCode: "415" });
    const join = async () =>
      (await account.conversation()).participants.create({
        "messagingBinding.address": "+15558675310",
        "messagingBinding.proxyAddress": phoneNumber,
      });
    const { sid: participantSid, conversationSid } = await join();
    await account.conversations(conversationSid).participants(participantSid).remove();
    await account.client.incomingPhoneNumbers(sid).remove();
    expect(await rejection(join())).toBe("403/50413");
  });
});
