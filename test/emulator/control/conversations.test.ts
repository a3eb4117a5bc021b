import { describe, expect, it } from "vitest";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const phone = "+15558675310";

describe("the conversations of the control API", () => {
  it("have their participants, state and timers, and the last message", async () => {
    const account = fixture.current;
    const { smsNumber, chatServiceSid } = account.emulator;
    const { sid } = await account.conversations.create({
      friendlyName: "Order 7",
      "timers.inactive": "PT1H",
    });
    const { participants } = account.conversations(sid);
    const { sid: buyer } = await participants.create({
      "messagingBinding.address": phone,
      "messagingBinding.proxyAddress": smsNumber,
    });
    const { sid: agent } = await participants.create({ identity: "agent" });
    const { messageSid } = await account.send(phone, smsNumber, "Where is it?");
    const { body } = await account.control("GET", "/conversations");
    const nowhere = {
      attributes: "{}",
      address: null,
      proxyAddress: null,
      projectedAddress: null,
      lastReadMessageIndex: null,
    };
    const order = {
      sid,
      serviceSid: chatServiceSid,
      friendlyName: "Order 7",
      uniqueName: null,
      state: "active",
      timers: { dateInactive: "2026-01-05T11:00:00.000Z", dateClosed: null },
      dateCreated: "2026-01-05T10:00:00.000Z",
      dateUpdated: "2026-01-05T10:00:00.000Z",
      participants: [
        { ...nowhere, sid: buyer, identity: null, type: "sms", address: phone, proxyAddress: smsNumber },
        { ...nowhere, sid: agent, identity: "agent", type: "chat" },
      ],
      messageCount: 1,
      lastMessage: expect.objectContaining({ sid: messageSid, index: 0, author: phone, source: "SMS" }),
    };
    expect(body).toEqual({ conversations: [order], total: 1, earlier: null });
  });

  it("are those of all services, and the latest where that is enough", async () => {
    const account = fixture.current;
    const { sid: first } = await account.conversations.create();
    await account.emulator.advance(1000);
    const service = await account.client.conversations.v1.services.create({ friendlyName: "Other" });
    const { sid: second } = await account.client.conversations.v1
      .services(service.sid)
      .conversations.create();
    const sids = async (query: string) => {
      const { body } = await account.control("GET", `/conversations${query}`);
      expect(body.total).toBe(2);
      return (body.conversations as { sid: string }[]).map(({ sid }) => sid);
    };
    expect(await sids("")).toEqual([first, second]);
    expect(await sids("?last=1")).toEqual([second]);
    expect(await sids(`?before=${second}`)).toEqual([first]);
    const { body, status } = await account.control("GET", `/conversations?before=CH${"0".repeat(32)}`);
    expect({ status, field: body.field }).toEqual({ status: 400, field: "before" });
  });

  it("have pages that include each of them once, in the order of their dates", async () => {
    const account = fixture.current;
    const { v1 } = account.client.conversations;
    const { sid: serviceSid } = await v1.services.create({ friendlyName: "Other" });
    const created: string[] = [];
    for (let i = 0; i < 7; i += 1) {
      const { sid } =
        i % 3 === 0 ? await v1.services(serviceSid).conversations.create() : await v1.conversations.create();
      created.push(sid);
      if (i % 2 === 0) await account.emulator.advance(1000);
    }
    const read = async (size: number) => {
      const pages: string[][] = [];
      for (let url = `/conversations?last=${size}`; url !== ""; ) {
        const { body } = await account.control("GET", url);
        pages.unshift((body.conversations as { sid: string }[]).map(({ sid }) => sid));
        url = String(body.earlier ?? "").replace(/^.*\/_emulator/, "");
      }
      return pages;
    };
    const [all = []] = await read(10);
    expect(all.toSorted()).toEqual(created.toSorted());
    for (const size of [1, 2, 3]) expect((await read(size)).flat()).toEqual(all);
    // A date that is changed after the list was read.
    const moved = created[5] ?? "";
    await v1.conversations(moved).update({ dateCreated: new Date("2020-01-01T00:00:00Z") });
    const [again = []] = await read(10);
    expect(again).toEqual([moved, ...all.filter((sid) => sid !== moved)]);
    const [newest] = await v1.conversations.list({ endDate: "2020-01-02" });
    expect(newest?.sid).toBe(moved);
    await v1.conversations(moved).remove();
    expect(await v1.conversations.list({ endDate: "2020-01-02" })).toEqual([]);
  });

  it("show each message with its receipts, and the scoped webhooks", async () => {
    const account = fixture.current;
    const { sid } = await account.conversations.create({ attributes: '{"order":7}' });
    const { participants, messages, webhooks } = account.conversations(sid);
    const address = "whatsapp:+15558675311";
    const { sid: participantSid } = await participants.create({
      "messagingBinding.address": address,
      "messagingBinding.proxyAddress": account.emulator.whatsappNumber,
    });
    await webhooks.create({ target: "studio", "configuration.flowSid": `FW${"1".repeat(32)}` });
    await messages.create({ body: "First" });
    await messages.create({ body: "Too early for WhatsApp" });
    await account.emulator.settle();
    const { body } = await account.control("GET", `/conversations/${sid}?last=1`);
    expect(body).toMatchObject({
      sid,
      attributes: '{"order":7}',
      messageCount: 2,
      webhooks: [{ sid: expect.stringMatching(/^WH/), target: "studio", flowSid: `FW${"1".repeat(32)}` }],
      messages: [
        {
          index: 1,
          body: "Too early for WhatsApp",
          receipts: [{ participantSid, address, status: "undelivered", errorCode: 63016 }],
        },
      ],
    });
  });

  it("are refused when there is none of that SID, and when `last` is no number of them", async () => {
    const account = fixture.current;
    expect(await account.control("GET", `/conversations/CH${"0".repeat(32)}`)).toMatchObject({ status: 404 });
    for (const last of ["0", "10001", "-1", "many", ""])
      expect(await account.control("GET", `/conversations?last=${last}`)).toMatchObject({
        status: 400,
        body: { field: "last" },
      });
  });

  it("also limit phones and webhooks to the latest", async () => {
    const account = fixture.current;
    await account.send(phone, account.emulator.smsNumber, "One");
    await account.send(phone, account.emulator.smsNumber, "Two");
    const path = `/phones/${encodeURIComponent(phone)}/messages?last=1`;
    expect((await account.control("GET", path)).body).toMatchObject({ messages: [{ body: "Two" }] });
    expect((await account.control("GET", "/webhooks?last=1")).body).toEqual({ webhooks: [] });
  });
});
