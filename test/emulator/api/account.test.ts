import { describe, expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

describe("the account", () => {
  it("is shown, and its keys work until they are deleted", async () => {
    const account = fixture.current;
    const { accountSid } = account.emulator;
    const { api } = account.client;
    expect(await api.v2010.accounts(accountSid).fetch()).toMatchObject({ sid: accountSid, status: "active" });
    expect(await rejection(api.v2010.accounts(`AC${"0".repeat(32)}`).fetch())).toBe("404/20404");
    const key = await account.client.newKeys.create({ friendlyName: "CLI" });
    const authorization = `Basic ${Buffer.from(`${key.sid}:${key.secret}`).toString("base64")}`;
    const ask = async () =>
      (await account.rest("GET", "/v1/Conversations", "", { Authorization: authorization })).status;
    expect(await ask()).toBe(200);
    expect((await account.client.keys.list()).map(({ friendlyName }) => friendlyName)).toContain("CLI");
    await account.client.keys(key.sid).remove();
    expect(await ask()).toBe(401);
  });

  it("finds numbers to buy that it does not have yet", async () => {
    const { client } = fixture.current;
    const search = () => client.availablePhoneNumbers("US").local.list({ areaCode: 415, limit: 3 });
    const [first] = await search();
    expect(first).toMatchObject({ phoneNumber: "+14155550100", friendlyName: "(415) 555-0100" });
    await client.incomingPhoneNumbers.create({ phoneNumber: String(first?.phoneNumber) });
    expect((await search()).map(({ phoneNumber }) => phoneNumber)).toEqual([
      "+14155550101",
      "+14155550102",
      "+14155550103",
    ]);
    expect(
      await client.availablePhoneNumbers("US").tollFree.list({ contains: "*199", limit: 5 }),
    ).toHaveLength(1);
    expect(await rejection(client.availablePhoneNumbers("DE").local.list())).toMatch(/^501/);
  });
});
