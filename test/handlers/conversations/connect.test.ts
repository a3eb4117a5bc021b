import { describe, expect, it } from "vitest";
import {
  ADD_PARTICIPANT,
  ANY_DELETION,
  CREATE_CONVERSATION,
  effectsOf,
  failed,
  type Match,
  repeatable,
  SEND_MESSAGE,
} from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

const ANNA = "+15558675310";
const BEN = "whatsapp:+15017250604";
const CARL = "+15550002222";
const SMS_POOL = ["+15005550101", "+15005550102"];
const POOL = [...SMS_POOL, "whatsapp:+15005550101", "whatsapp:+15005550102", "messenger:1001", "rcs:agent"];

const WRITES: readonly [string, Match][] = [
  ["the conversation", CREATE_CONVERSATION],
  ["the one person", { ...ADD_PARTICIPANT, address: ANNA }],
  ["the other person", { ...ADD_PARTICIPANT, address: BEN }],
  ["the first message", SEND_MESSAGE],
];

describe.each(platforms)("conversations/connect on $name", (platform) => {
  const system = useSystem(platform, { PROXY_ADDRESSES: POOL.join(",") });

  /** Connects two people, with all addresses of the pool in the account. */
  async function connect(change: Record<string, unknown> = {}) {
    for (const address of POOL) await system.current.account.control("POST", "/numbers", { address });
    const input = { address: ANNA, otherAddress: BEN, ...change };
    const answer = await system.current.call("/conversations/connect", input);
    await system.current.account.emulator.settle();
    return { ...answer, sid: String(answer.body.conversationSid) };
  }
  const conversation = (sid: string) => system.current.account.conversations(sid);
  const all = () => system.current.account.conversations.list();
  const open = async () => (await all()).filter(({ state }) => state !== "closed");

  it("connects two people on two channels, each with a proxy address, and never reveals the other's address", async () => {
    const { status, body, sid } = await connect({ friendlyName: "Order 7", attributes: { order: 7 } });
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: "connected", uniqueName: expect.stringMatching(/^masked-/) });
    expect(SMS_POOL).toContain(body.proxyAddress);
    expect(body.otherProxyAddress).toMatch(/^whatsapp:/);
    const { friendlyName, attributes } = await conversation(sid).fetch();
    expect(friendlyName).toBe("Order 7");
    expect(JSON.parse(attributes)).toMatchObject({ order: 7, masked: { pair: expect.any(String) } });
    expect(attributes).not.toContain(ANNA.slice(2));

    await system.current.account.send(BEN, String(body.otherProxyAddress), "Where are you?");
    await system.current.account.send(ANNA, String(body.proxyAddress), "At the door");
    const inboxes = [await system.current.account.inbox(ANNA), await system.current.account.inbox(BEN)];
    const received = inboxes.map((inbox) => inbox.find(({ direction }) => direction === "in"));
    expect(received).toMatchObject([
      { from: body.proxyAddress, body: "Where are you?" },
      { from: body.otherProxyAddress, body: "At the door" },
    ]);
  });

  it.each([
    ["+15558675310", "messenger:42"],
    ["rcs:+15558675310", "whatsapp:+15558675310"],
    ["whatsapp:+15550003333", "whatsapp:+15558675310"],
  ])("connects %s and %s, and returns them in the order of the input", async (address, otherAddress) => {
    const { status, body, sid } = await connect({ address, otherAddress });
    expect(status).toBe(201);
    const bindings = (await conversation(sid).participants.list()).map(
      ({ messagingBinding }) => messagingBinding,
    );
    expect(bindings.toSorted((a, b) => a.address.localeCompare(b.address))).toMatchObject(
      [
        { address, proxy_address: body.proxyAddress },
        { address: otherAddress, proxy_address: body.otherProxyAddress },
      ].toSorted((a, b) => a.address.localeCompare(b.address)),
    );
  });

  it("closes by its timers, and assigns the same person the same address again", async () => {
    const first = await connect({ inactive: "5 minutes", closed: "PT10M" });
    await system.current.account.emulator.advance(16 * 60_000);
    expect(await open()).toEqual([]);
    const second = await connect();
    expect(second.status).toBe(201);
    expect(second.sid).not.toBe(first.sid);
    expect(second.body).toMatchObject({
      proxyAddress: first.body.proxyAddress,
      otherProxyAddress: first.body.otherProxyAddress,
    });
    const { timers, dateCreated } = await conversation(second.sid).fetch();
    expect(Date.parse(timers.date_inactive) - dateCreated.getTime()).toBe(24 * 3_600_000);
    expect(Date.parse(timers.date_closed) - Date.parse(timers.date_inactive)).toBe(7 * 24 * 3_600_000);
  });

  it("assigns the next address while the first one is in use, and reports when there is none", async () => {
    const first = await connect();
    const second = await connect({ otherAddress: CARL });
    expect([first.body.proxyAddress, second.body.proxyAddress].toSorted()).toEqual(SMS_POOL);
    expect(await connect({ otherAddress: "+15550003333" })).toMatchObject({
      status: 409,
      body: { code: "proxy_addresses_taken", field: "address" },
    });
    await conversation(first.sid).update({ state: "closed" });
    const third = await connect({ otherAddress: "+15550003333" });
    expect(third.body).toMatchObject({ status: "connected", proxyAddress: first.body.proxyAddress });
    expect(await open()).toHaveLength(2);
  });

  it("tries the next address when Twilio reports that one is taken", async () => {
    const { client } = system.current.account;
    const { body } = await connect();
    await conversation(String(body.conversationSid)).remove();
    // A conversation of another service, which the configured one does not list.
    const { sid: serviceSid } = await client.conversations.v1.services.create({ friendlyName: "Other" });
    const others = client.conversations.v1.services(serviceSid).conversations;
    const { sid } = await others.create();
    await others(sid).participants.create({
      "messagingBinding.address": ANNA,
      "messagingBinding.proxyAddress": String(body.proxyAddress),
    });
    const next = await connect();
    expect(next.status).toBe(201);
    expect([body.proxyAddress, next.body.proxyAddress].toSorted()).toEqual(SMS_POOL);
    expect(next.body.otherProxyAddress).toBe(body.otherProxyAddress);
  });

  describe("for two people who are already connected", () => {
    it("returns their conversation, in either order of the people", async () => {
      const first = await connect();
      const again = await connect();
      const turned = await connect({ address: BEN, otherAddress: ANNA, uniqueName: "another" });
      expect(again).toMatchObject({ status: 200, body: { ...first.body, status: "existing" } });
      expect(turned).toMatchObject({
        status: 200,
        body: {
          status: "existing",
          conversationSid: first.sid,
          proxyAddress: first.body.otherProxyAddress,
          otherProxyAddress: first.body.proxyAddress,
        },
      });
      expect(await all()).toHaveLength(1);
    });

    it("rejects where the caller requests it, except a repeat of the same call", async () => {
      const once = { onExisting: "refuse", uniqueName: "order-7" };
      const first = await connect(once);
      expect(first.status).toBe(201);
      expect(await connect(once)).toMatchObject({ status: 200, body: { status: "existing" } });
      expect(await connect({ ...once, uniqueName: "order-8" })).toMatchObject({
        status: 409,
        body: { code: "already_connected", field: "otherAddress", conversationSid: first.sid },
      });
    });

    it("never returns a conversation that it did not create, whatever its participants", async () => {
      for (const address of POOL) await system.current.account.control("POST", "/numbers", { address });
      const { sid } = await system.current.account.conversations.create();
      const { participants } = conversation(sid);
      const add = (address: string, proxyAddress: string) =>
        participants.create({
          "messagingBinding.address": address,
          "messagingBinding.proxyAddress": proxyAddress,
        });
      await add(ANNA, "+15005550101");
      await add(BEN, "whatsapp:+15005550101");
      const own = await connect();
      expect(own).toMatchObject({ status: 201, body: { proxyAddress: "+15005550102" } });
      expect(own.sid).not.toBe(sid);
    });

    it("creates another one, and keeps the first, when a participant has left that", async () => {
      await system.current.clear(Date.now() - 600_000);
      const first = await connect({ body: "Hello" });
      const participants = await conversation(first.sid).participants.list();
      const ben = participants.find(({ messagingBinding }) => messagingBinding.address === BEN);
      await conversation(first.sid)
        .participants(ben?.sid ?? "")
        .remove();
      const second = await connect();
      expect(second.status).toBe(201);
      expect((await open()).map(({ sid }) => sid).toSorted()).toEqual([first.sid, second.sid].toSorted());
    });
  });

  describe("under a unique name", () => {
    it("reports that its conversation has closed", async () => {
      const { sid } = await connect({ uniqueName: "order-7" });
      await conversation(sid).update({ state: "closed" });
      expect(await connect({ uniqueName: "order-7" })).toMatchObject({
        status: 200,
        body: { status: "closed", conversationSid: sid, uniqueName: "order-7" },
      });
    });

    it("rejects a name that belongs to other people's conversation", async () => {
      const { sid } = await connect({ uniqueName: "order-7" });
      expect(await connect({ uniqueName: "order-7", otherAddress: CARL })).toMatchObject({
        status: 409,
        body: { code: "unique_name_taken", field: "uniqueName", conversationSid: sid },
      });
    });
  });

  describe("called concurrently", () => {
    const together = async (changes: readonly Record<string, unknown>[]) => {
      for (const address of POOL) await system.current.account.control("POST", "/numbers", { address });
      const answers = await Promise.all(changes.map((change) => connect(change)));
      return answers.toSorted((a, b) => b.status - a.status);
    };

    it.each([
      ["the same call", [{}, {}, {}, {}]],
      ["one unique name", [{ uniqueName: "a" }, { uniqueName: "a" }, { uniqueName: "a" }]],
      ["two unique names", [{ uniqueName: "a" }, { uniqueName: "b" }]],
      ["the people in either order", [{}, { uniqueName: "b", address: BEN, otherAddress: ANNA }]],
    ])("with %s, creates one conversation", async (_what, changes) => {
      const answers = await together(changes);
      expect(answers.map(({ status }) => status)).toEqual([201, ...changes.slice(1).map(() => 200)]);
      expect(new Set(answers.map(({ sid }) => sid)).size).toBe(1);
      expect(await all()).toHaveLength(1);
      expect(await conversation(answers[0]?.sid ?? "").participants.list()).toHaveLength(2);
    });

    it("with one person and two others, assigns that person two addresses", async () => {
      const answers = await together([{}, { otherAddress: CARL }]);
      expect(answers.map(({ status }) => status)).toEqual([201, 201]);
      expect(answers.map(({ body }) => body.proxyAddress).toSorted()).toEqual(SMS_POOL);
    });
  });

  describe("with a fault in a request to Twilio", () => {
    it.each(
      WRITES.flatMap(([what, match]) => effectsOf(match).map((effect) => [what, effect, match] as const)),
    )("creates %s once (%j)", async (_what, effect, match) => {
      await system.current.injectOnce(match, effect);
      const { status, sid } = await connect({ body: "You are connected." });
      expect(status).toBe(201);
      expect(await all()).toHaveLength(1);
      expect(await conversation(sid).participants.list()).toHaveLength(2);
      expect(await system.current.received(ANNA)).toEqual(["You are connected."]);
    });

    it.each(repeatable(WRITES))(
      "undoes everything when Twilio rejects %s, and can be called again",
      async (_what, match) => {
        await system.current.inject(match, failed(403));
        expect(await connect({ body: "Hello" })).toMatchObject({
          status: 403,
          body: { code: "twilio_forbidden" },
        });
        expect(await all()).toEqual([]);
        await system.current.clearFaults();
        expect((await connect({ body: "Hello" })).status).toBe(201);
      },
    );

    it("replaces a conversation whose creation was interrupted", async () => {
      await system.current.clear(Date.now() - 600_000);
      await system.current.inject({ ...ADD_PARTICIPANT, address: BEN }, failed(400));
      await system.current.inject(ANY_DELETION, failed());
      const broken = await connect();
      expect(broken).toMatchObject({ status: 502, body: { code: "left_half_made" } });
      await system.current.clearFaults();
      const mended = await connect();
      expect(mended.status).toBe(201);
      expect((await all()).map(({ sid }) => sid)).toEqual([mended.sid]);
    });
  });

  describe("rejects, and creates nothing for,", () => {
    it.each([
      ["one person twice", { otherAddress: "+1 555 867-5310" }, "otherAddress", "invalid_input"],
      ["a number without country code", { address: "5558675310" }, "address", "invalid_input"],
      ["a missing person", { otherAddress: undefined }, "otherAddress", "invalid_input"],
      ["an address of the account itself", { address: "+15005550102" }, "address", "invalid_address"],
      ["text and template", { body: "x", contentSid: `HX${"0".repeat(32)}` }, "contentSid", "invalid_input"],
      [
        "variables without a template",
        { contentVariables: { "1": "x" } },
        "contentVariables",
        "invalid_input",
      ],
      [
        "a template that does not exist",
        { contentSid: `HX${"0".repeat(32)}` },
        "contentSid",
        "template_not_found",
      ],
      ["a timer that is too short", { closed: "5 minutes" }, "closed", "invalid_input"],
      ["an unknown choice", { onExisting: "maybe" }, "onExisting", "invalid_input"],
      ["an unknown field", { proxyAddress: "+15005550101" }, "proxyAddress", "invalid_input"],
    ])("%s", async (_what, change, field, code) => {
      expect(await connect(change)).toMatchObject({ status: 400, body: { code, field } });
      expect(await all()).toEqual([]);
    });

    it("a template that is not approved, for a person on WhatsApp", async () => {
      const contentSid = await system.current.account.template({ "twilio/text": { body: "Hi" } }, "pending");
      expect(await connect({ contentSid })).toMatchObject({
        status: 400,
        body: { code: "template_not_approved" },
      });
      expect((await connect({ contentSid, otherAddress: CARL })).status).toBe(201);
      expect(await system.current.received(CARL)).toEqual(["Hi"]);
    });
  });
});

describe.each(platforms)("conversations/connect on $name, with an incorrect pool", (platform) => {
  const system = useSystem(platform, { PROXY_ADDRESSES: "+15005550101" });

  it("names a channel for which there is no proxy address", async () => {
    expect(
      await system.current.call("/conversations/connect", { address: ANNA, otherAddress: BEN }),
    ).toMatchObject({ status: 400, body: { code: "no_proxy_address", field: "otherAddress" } });
  });

  it("logs that an address is not the account's, and creates nothing", async () => {
    const log = system.current.logFromHere();
    expect(
      await system.current.call("/conversations/connect", { address: ANNA, otherAddress: CARL }),
    ).toMatchObject({ status: 500, body: { code: "misconfigured" } });
    expect(await system.current.account.conversations.list()).toEqual([]);
    await expect.poll(log).toContain("PROXY_ADDRESSES");
  });
});
