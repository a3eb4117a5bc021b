import { describe, expect, it } from "vitest";
import { refusal, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

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
    expect((await incomingPhoneNumbers(bought.sid).fetch()).dateCreated).toEqual(
      new Date("2026-01-05T10:00:00Z"),
    );

    const changes = { friendlyName: "Front desk", smsUrl: "https://example.com/sms" };
    expect(await incomingPhoneNumbers(bought.sid).update(changes)).toMatchObject(changes);
    await incomingPhoneNumbers(bought.sid).remove();
    expect(await refusal(incomingPhoneNumbers(bought.sid).fetch())).toBe("404/20404");
  });

  it("are bought once, and only in E.164", async () => {
    const { incomingPhoneNumbers } = fixture.current.client;
    const buy = (phoneNumber: string) => incomingPhoneNumbers.create({ phoneNumber });
    expect(await refusal(buy(fixture.current.emulator.smsNumber))).toBe("400/21422");
    expect(await refusal(buy("4155550123"))).toBe("400/21421");
    expect(await refusal(incomingPhoneNumbers.create({}))).toBe("400/21421");
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
    expect(await refusal(join())).toBe("403/50413");
  });
});
