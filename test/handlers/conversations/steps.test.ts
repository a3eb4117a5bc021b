import { describe, expect, it } from "vitest";
import {
  ADD_PARTICIPANT,
  ADD_WEBHOOK,
  EFFECTS,
  effectsOf,
  SEND_MESSAGE,
  UPDATE_CONVERSATION,
} from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { COURIER, CUSTOMER, useSystem } from "../../support/system.ts";

const NOWHERE = `CH${"0".repeat(32)}`;

/** Every step with input that is right but for its conversation. */
const STEPS: readonly [string, Record<string, unknown>][] = [
  ["close", {}],
  ["set-timers", { inactive: "PT5M" }],
  ["add-participant", { identity: "alice" }],
  ["remove-participant", { identity: "alice" }],
  ["send", { body: "hello" }],
  ["attach-studio", { flowSid: `FW${"0".repeat(32)}` }],
  ["detach-webhooks", { target: "studio" }],
];

describe.each(platforms)("the steps for flows on $name", (platform) => {
  const system = useSystem(platform);

  const call = (step: string, input: object) => system.current.call(`/conversations/${step}`, input);
  const create = async (uniqueName?: string) => {
    const { sid } = await system.current.account.conversations.create(
      uniqueName === undefined ? {} : { uniqueName },
    );
    return sid;
  };
  const conversation = (sid: string) => system.current.account.conversations(sid);

  it.each(STEPS)(
    "conversations/%s answers 404 for a conversation that does not exist",
    async (step, input) => {
      expect(await call(step, { conversationSid: NOWHERE, ...input })).toMatchObject({
        status: 404,
        body: { status: "error", code: "not_found", field: "conversationSid" },
      });
    },
  );

  it.each(STEPS)("conversations/%s takes a unique name, whatever is in it", async (step, input) => {
    const sid = await create("Order 7 (ü & co)");
    const { status, body } = await call(step, { conversationSid: "Order 7 (ü & co)", ...input });
    expect(status).toBeLessThan(300);
    expect(body.conversationSid).toBe(sid);
  });

  it.each(STEPS)("conversations/%s refuses a name that fits into no URL", async (step, input) => {
    for (const conversationSid of ["..", "a/../b", "a%2fb", "\ud800", "\udc00x"]) {
      expect(await call(step, { conversationSid, ...input })).toMatchObject({
        status: 400,
        body: { code: "invalid_input", field: "conversationSid" },
      });
    }
  });

  it.each(STEPS)("conversations/%s takes empty fields for absent ones", async (step, input) => {
    const sid = await create();
    const names = [
      "requireOwn",
      "roleSid",
      "author",
      "address",
      "closed",
      "replayAfter",
      "idempotencyKey",
      "url",
    ];
    const empty = Object.fromEntries(names.map((name) => [name, ""]));
    expect((await call(step, { ...empty, conversationSid: sid, ...input })).status).toBeLessThan(300);
    expect(await call(step, { ...input, conversationSid: "" })).toMatchObject({
      status: 400,
      body: { field: "conversationSid", message: "conversationSid is missing." },
    });
  });

  it.each(STEPS)("conversations/%s names a field that it does not know", async (step, input) => {
    expect(await call(step, { conversationSid: NOWHERE, ...input, conversation: "x" })).toMatchObject({
      status: 400,
      body: { code: "invalid_input", field: "conversation" },
    });
  });

  describe("close", () => {
    const CLOSE = { ...UPDATE_CONVERSATION, parameters: { State: "closed" } };

    it("closes, and says so again without changing anything", async () => {
      const sid = await create();
      expect(await call("close", { conversationSid: sid })).toMatchObject({
        status: 200,
        body: { status: "closed", changed: true },
      });
      expect(await call("close", { conversationSid: sid })).toMatchObject({
        status: 200,
        body: { status: "closed", changed: false },
      });
      expect((await conversation(sid).fetch()).state).toBe("closed");
    });

    it.each(EFFECTS)("closes although something goes wrong on the way (%j)", async (effect) => {
      const sid = await create();
      await system.current.injectOnce(CLOSE, effect);
      expect((await call("close", { conversationSid: sid })).body.status).toBe("closed");
      expect((await conversation(sid).fetch()).state).toBe("closed");
    });
  });

  describe("set-timers", () => {
    it("takes ISO 8601 and plain words, and says when they run out", async () => {
      const sid = await create();
      const { body } = await call("set-timers", {
        conversationSid: sid,
        inactive: "5 minutes",
        closed: "P30D",
      });
      const { timers, dateUpdated } = await conversation(sid).fetch();
      expect(body).toMatchObject({
        status: "active",
        dateInactive: timers.date_inactive,
        dateClosed: timers.date_closed,
      });
      expect(Date.parse(String(body.dateInactive)) - dateUpdated.getTime()).toBe(300_000);
    });

    it("takes timers away", async () => {
      const sid = await create();
      await call("set-timers", { conversationSid: sid, inactive: "PT5M" });
      expect((await call("set-timers", { conversationSid: sid, inactive: "off" })).body).toMatchObject({
        dateInactive: null,
      });
    });

    it.each([
      [{ inactive: "P6M" }, "inactive", /P180D/],
      [{ closed: "5 minutes" }, "closed", /10 minutes/],
      [{ inactive: "PT59S" }, "inactive", /1 minutes/],
      [{ closed: "soon" }, "closed", /duration/],
      [{ closed: `P${"9".repeat(30)}D` }, "closed", /100 years/],
      [{}, "inactive", /Give/],
    ])("explains what is wrong with %j", async (timers, field, message) => {
      const sid = await create();
      const answer = await call("set-timers", { conversationSid: sid, ...timers });
      expect(answer).toMatchObject({ status: 400, body: { field } });
      expect(answer.body.message).toMatch(message);
    });

    it("answers 409 for a closed conversation", async () => {
      const sid = await create();
      await call("close", { conversationSid: sid });
      expect(await call("set-timers", { conversationSid: sid, inactive: "PT5M" })).toMatchObject({
        status: 409,
        body: { code: "conversation_closed" },
      });
    });
  });

  describe("add-participant", () => {
    const sms = () => ({ address: "+15558675310", proxyAddress: system.current.account.emulator.smsNumber });

    it.each([
      ["a chat user", () => ({ identity: "alice", attributes: { team: "blue" } })] as const,
      ["a person", sms] as const,
    ])("adds %s, and answers the same one again as existing", async (_who, input) => {
      const sid = await create();
      const first = await call("add-participant", { conversationSid: sid, ...input() });
      const second = await call("add-participant", { conversationSid: sid, ...input() });
      expect(first).toMatchObject({ status: 201, body: { status: "added", conversationSid: sid } });
      expect(second).toMatchObject({
        status: 200,
        body: { status: "existing", participantSid: first.body.participantSid },
      });
      expect(await conversation(sid).participants.list()).toHaveLength(1);
    });

    it.each(EFFECTS)("adds them once although something goes wrong on the way (%j)", async (effect) => {
      const sid = await create();
      await system.current.injectOnce(ADD_PARTICIPANT, effect);
      expect((await call("add-participant", { conversationSid: sid, ...sms() })).status).toBe(201);
      expect(await conversation(sid).participants.list()).toHaveLength(1);
    });

    it("answers 409 for a pair in another conversation, naming it", async () => {
      const [one, two] = [await create(), await create()];
      await call("add-participant", { conversationSid: one, ...sms() });
      const answer = await call("add-participant", { conversationSid: two, ...sms() });
      expect(answer).toMatchObject({ status: 409, body: { code: "pair_already_bound", field: "address" } });
      expect(answer.body.message).toContain(one);
    });

    it.each([
      [{}, "identity"],
      [{ identity: "alice", address: "+15558675310", proxyAddress: "+15017122661" }, "identity"],
      [{ address: "+15558675310" }, "proxyAddress"],
      [{ address: "5558675310", proxyAddress: "+15017122661" }, "address"],
      [{ address: "+15558675310", proxyAddress: "+15005550006" }, "proxyAddress"],
      [{ identity: "alice", attributes: "[]" }, "attributes"],
      [{ identity: "alice", attributes: ["blue"] }, "attributes"],
    ])("names the field that is wrong in %j", async (input, field) => {
      const sid = await create();
      expect(await call("add-participant", { conversationSid: sid, ...input })).toMatchObject({
        status: 400,
        body: { field },
      });
      expect(await conversation(sid).participants.list()).toEqual([]);
    });
  });

  describe("remove-participant", () => {
    it("removes by SID, identity or address, and answers the next time that they are absent", async () => {
      const sid = await create();
      const proxyAddress = system.current.account.emulator.smsNumber;
      const bob = await call("add-participant", { conversationSid: sid, identity: "bob" });
      await call("add-participant", { conversationSid: sid, identity: "alice" });
      await call("add-participant", { conversationSid: sid, address: "+15558675310", proxyAddress });
      const ways = [
        { participantSid: bob.body.participantSid },
        { identity: "alice" },
        { address: "+1 555 867 5310" },
      ];
      for (const who of ways) {
        expect((await call("remove-participant", { conversationSid: sid, ...who })).body).toMatchObject({
          status: "removed",
        });
        expect((await call("remove-participant", { conversationSid: sid, ...who })).body).toMatchObject({
          status: "absent",
        });
      }
      expect(await conversation(sid).participants.list()).toEqual([]);
    });

    it("wants to know whom, in one way", async () => {
      const sid = await create();
      for (const who of [{}, { identity: "alice", address: "+15558675310" }]) {
        expect(await call("remove-participant", { conversationSid: sid, ...who })).toMatchObject({
          status: 400,
          body: { field: "participantSid" },
        });
      }
    });
  });

  describe("send", () => {
    it("sends text in somebody's name, with attributes", async () => {
      const sid = await create();
      const { status, body } = await call("send", {
        conversationSid: sid,
        body: "Hello",
        author: "alice",
        attributes: { mood: "good" },
      });
      expect(status).toBe(201);
      expect(body).toMatchObject({ status: "sent", conversationSid: sid, index: 0 });
      const message = await conversation(sid).messages(String(body.messageSid)).fetch();
      expect(message).toMatchObject({ body: "Hello", author: "alice" });
      expect(JSON.parse(message.attributes)).toMatchObject({ mood: "good" });
    });

    it("sends a template with its variables to a person's phone", async () => {
      const contentSid = await system.current.account.template(
        { "twilio/text": { body: "Hi {{1}}" } },
        "approved",
      );
      const sid = await create();
      const { whatsappNumber } = system.current.account.emulator;
      await call("add-participant", {
        conversationSid: sid,
        address: CUSTOMER,
        proxyAddress: whatsappNumber,
      });
      await call("send", { conversationSid: sid, contentSid, contentVariables: { "1": "Robert" } });
      await system.current.account.emulator.settle();
      expect(await system.current.received(CUSTOMER)).toEqual(["Hi Robert"]);
    });

    it("says which people do not get the text beside a file", async () => {
      const { url, accountSid, authToken, chatServiceSid, smsNumber } = system.current.account.emulator;
      const sid = await create();
      await call("add-participant", {
        conversationSid: sid,
        address: "+15558675310",
        proxyAddress: smsNumber,
      });
      const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
      const upload = async () => {
        const headers = { authorization, "content-type": "image/png" };
        const init = { method: "POST", headers, body: "a picture" };
        const response = await fetch(`${url}/v1/Services/${chatServiceSid}/Media`, init);
        return ((await response.json()) as { sid: string }).sid;
      };
      const alone = await call("send", { conversationSid: sid, mediaSid: await upload() });
      expect(alone.body).not.toHaveProperty("warning");
      const both = await call("send", { conversationSid: sid, mediaSid: await upload(), body: "Look" });
      expect(both.body.warning).toMatch(/^Participants on sms \(MB\w+\) do not get the text/);
    });

    it("sends once for one idempotency key", async () => {
      const sid = await create();
      const input = { conversationSid: sid, body: "Hello", idempotencyKey: "order-7" };
      const first = await call("send", input);
      const second = await call("send", input);
      expect(second).toMatchObject({
        status: 200,
        body: { status: "existing", messageSid: first.body.messageSid },
      });
      expect(await conversation(sid).messages.list()).toHaveLength(1);
    });

    it("sends once for one idempotency key, although calls come at one instant", async () => {
      const sid = await create();
      const input = { conversationSid: sid, body: "Hello", idempotencyKey: `order 7 / ${"ü".repeat(100)}` };
      const answers = await Promise.all([1, 2, 3].map(() => call("send", input)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
      expect(new Set(answers.map(({ body }) => body.messageSid)).size).toBe(1);
      expect(await conversation(sid).messages.list()).toHaveLength(1);
      expect(await system.current.account.conversations.list()).toHaveLength(1);
    });

    it.each(effectsOf(SEND_MESSAGE))(
      "sends once, key or none, although something goes wrong on the way (%j)",
      async (effect) => {
        for (const key of [{}, { idempotencyKey: "order-7" }]) {
          const sid = await create();
          await system.current.injectOnce(SEND_MESSAGE, effect);
          expect((await call("send", { conversationSid: sid, body: "Hello", ...key })).status).toBe(201);
          expect(await conversation(sid).messages.list()).toHaveLength(1);
        }
      },
    );

    it("says which people do not get a text that is too long for their channel", async () => {
      const sid = await create();
      const { smsNumber, whatsappNumber } = system.current.account.emulator;
      const long = { conversationSid: sid, body: "x".repeat(1601) };
      await call("add-participant", { conversationSid: sid, identity: "alice" });
      expect((await call("send", long)).body).not.toHaveProperty("warning");
      await call("add-participant", {
        conversationSid: sid,
        address: "+15558675310",
        proxyAddress: smsNumber,
      });
      await call("add-participant", { conversationSid: sid, address: COURIER, proxyAddress: whatsappNumber });
      expect((await call("send", long)).body.warning).toContain("sms and whatsapp");
      expect((await call("send", { ...long, body: "short" })).body).not.toHaveProperty("warning");
    });

    it("counts a chat user behind a number of a group text among those who get all", async () => {
      const { conversations, emulator } = system.current.account;
      const { sid } = await conversations.create();
      await conversation(sid).participants.create({
        identity: "alice",
        "messagingBinding.projectedAddress": emulator.smsNumber,
      });
      const anna = await conversation(sid).participants.create({
        "messagingBinding.address": "+15558675310",
      });
      const long = { conversationSid: sid, body: "x".repeat(1601), author: "alice" };
      expect((await call("send", long)).body.warning).toContain(`(${anna.sid})`);
    });

    it.each([
      [{}, "body"],
      [{ body: "x", contentSid: `HX${"0".repeat(32)}` }, "contentSid"],
      [{ body: "x", contentVariables: { "1": "x" } }, "contentVariables"],
      [{ contentSid: `HX${"0".repeat(32)}` }, "contentSid"],
      [{ body: "x".repeat(32_769) }, "body"],
      [{ mediaSid: "ME1" }, "mediaSid"],
      [{ body: "x", attributes: ["a list"] }, "attributes"],
      [{ contentSid: `HX${"0".repeat(32)}`, contentVariables: ["a list"] }, "contentVariables"],
    ])("names the field that is wrong", async (input, field) => {
      const sid = await create();
      expect(await call("send", { conversationSid: sid, ...input })).toMatchObject({
        status: 400,
        body: { field },
      });
      expect(await conversation(sid).messages.list()).toEqual([]);
    });
  });

  describe("attach-studio and detach-webhooks", () => {
    const flowSid = `FW${"1".repeat(32)}`;

    it("puts a flow on once, and takes it off again", async () => {
      const sid = await create();
      const first = await call("attach-studio", { conversationSid: sid, flowSid });
      const second = await call("attach-studio", { conversationSid: sid, flowSid });
      expect(first).toMatchObject({ status: 201, body: { status: "attached" } });
      expect(second).toMatchObject({
        status: 200,
        body: { status: "existing", webhookSid: first.body.webhookSid },
      });
      expect(await conversation(sid).webhooks.list()).toMatchObject([
        { target: "studio", configuration: { flow_sid: flowSid } },
      ]);
      expect((await call("detach-webhooks", { conversationSid: sid, flowSid })).body).toMatchObject({
        status: "detached",
        removed: 1,
      });
      expect((await call("detach-webhooks", { conversationSid: sid, flowSid })).body).toMatchObject({
        status: "detached",
        removed: 0,
      });
      expect(await conversation(sid).webhooks.list()).toEqual([]);
    });

    it.each(effectsOf(ADD_WEBHOOK))(
      "puts it on once although something goes wrong on the way (%j)",
      async (effect) => {
        const sid = await create();
        await system.current.injectOnce(ADD_WEBHOOK, effect);
        expect((await call("attach-studio", { conversationSid: sid, flowSid })).status).toBe(201);
        expect(await conversation(sid).webhooks.list()).toHaveLength(1);
      },
    );

    it("takes off what is named and leaves the rest", async () => {
      const sid = await create();
      const { webhooks } = conversation(sid);
      const hook = (path: string) =>
        webhooks.create({
          target: "webhook",
          "configuration.url": `https://example.com/${path}`,
          "configuration.filters": ["onMessageAdded"],
        });
      const [one, two, three] = [await hook("a"), await hook("b"), await hook("c")];
      await call("attach-studio", { conversationSid: sid, flowSid });
      await call("detach-webhooks", { conversationSid: sid, webhookSid: one.sid });
      await call("detach-webhooks", { conversationSid: sid, url: "https://example.com/b" });
      await call("detach-webhooks", { conversationSid: sid, target: "studio" });
      expect((await webhooks.list()).map(({ sid }) => sid)).toEqual([three.sid]);
      expect(two.sid).not.toBe(three.sid);
    });

    it("wants to know what to take off", async () => {
      expect(await call("detach-webhooks", { conversationSid: await create() })).toMatchObject({
        status: 400,
        body: { field: "webhookSid" },
      });
    });
  });

  describe("find", () => {
    const find = (input: object) =>
      system.current.call("/conversations/find", input, { sub: "service", scope: "conversations:read" });

    it("gives the newest open conversation of somebody, and a closed one only when asked", async () => {
      const { smsNumber } = system.current.account.emulator;
      const add = (sid: string) =>
        call("add-participant", { conversationSid: sid, address: "+15558675310", proxyAddress: smsNumber });
      expect((await find({ address: "+15558675310" })).body).toEqual({ status: "none", open: 0 });
      const old = await create();
      await add(old);
      await call("close", { conversationSid: old });
      expect((await find({ address: "+15558675310" })).body).toMatchObject({ status: "none" });
      expect((await find({ address: "+15558675310", includeClosed: "true" })).body).toMatchObject({
        status: "found",
        conversationSid: old,
        state: "closed",
      });
      await system.current.account.emulator.advance(2_000);
      const current = await create("current");
      await add(current);
      expect((await find({ address: "+1 555 867-5310", includeClosed: true })).body).toMatchObject({
        status: "found",
        conversationSid: current,
        uniqueName: "current",
        state: "active",
        open: 1,
      });
    });

    it("finds a chat user, and wants one way to look", async () => {
      const sid = await create();
      await call("add-participant", { conversationSid: sid, identity: "alice" });
      expect((await find({ identity: "alice" })).body).toMatchObject({
        status: "found",
        conversationSid: sid,
      });
      for (const who of [{}, { identity: "alice", address: "+15558675310" }]) {
        expect(await find(who)).toMatchObject({ status: 400, body: { field: "identity" } });
      }
    });
  });
});
