import { describe, expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

describe("messaging services", () => {
  it("are created, listed, changed and deleted; the default one is there and stays", async () => {
    const account = fixture.current;
    const { services } = account.client.messaging.v1;
    const service = await services.create({ friendlyName: "Marketing" });
    expect(service).toMatchObject({ sid: expect.stringMatching(/^MG/), friendlyName: "Marketing" });
    const sids = (await services.list()).map(({ sid }) => sid);
    expect(sids).toEqual([account.emulator.messagingServiceSid, service.sid]);
    const changes = {
      inboundRequestUrl: "https://example.com/in",
      statusCallback: "https://example.com/status",
      useInboundWebhookOnNumber: true,
    };
    expect(await services(service.sid).update(changes)).toMatchObject({
      ...changes,
      friendlyName: "Marketing",
    });

    expect(await services(service.sid).update({ statusCallback: "" })).toMatchObject({
      statusCallback: null,
      inboundRequestUrl: "https://example.com/in",
    });
    expect(await rejection(services(service.sid).update({ statusCallback: "soon" }))).toBe("400/21609");
    expect(await rejection(services(service.sid).update({ inboundMethod: "GET" }))).toBe("501/20501");

    const { messagingServiceSid } = await account.conversations.create({ messagingServiceSid: service.sid });
    expect(messagingServiceSid).toBe(service.sid);
    await services(service.sid).remove();
    expect(await rejection(services(service.sid).fetch())).toBe("404/20404");
    expect(await rejection(services(account.emulator.messagingServiceSid).remove())).toBe("400/20422");
    expect(await rejection(account.conversations.create({ messagingServiceSid: service.sid }))).toBe(
      "400/50342",
    );
  });

  it("have numbers of the account, each number in one of them", async () => {
    const account = fixture.current;
    const { services } = account.client.messaging.v1;
    const [one, other] = [
      await services.create({ friendlyName: "One" }),
      await services.create({ friendlyName: "Other" }),
    ];
    const { sid } = await account.client.incomingPhoneNumbers.create({ phoneNumber: "+14155550123" });
    const pooled = await services(one.sid).phoneNumbers.create({ phoneNumberSid: sid });
    expect(pooled).toMatchObject({ sid, phoneNumber: "+14155550123", serviceSid: one.sid });
    expect(await services(one.sid).phoneNumbers.list()).toHaveLength(1);
    const twice = services(other.sid).phoneNumbers.create({ phoneNumberSid: sid });
    expect(await rejection(twice)).toBe("409/21710");
    const unknown = services(other.sid).phoneNumbers.create({ phoneNumberSid: `PN${"0".repeat(32)}` });
    expect(await rejection(unknown)).toBe("404/21701");
    await services(one.sid).phoneNumbers(sid).remove();
    await services(other.sid).phoneNumbers.create({ phoneNumberSid: sid });
    await account.client.incomingPhoneNumbers(sid).remove();
    expect(await services(other.sid).phoneNumbers.list()).toEqual([]);
  });
});
