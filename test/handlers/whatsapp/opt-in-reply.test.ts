import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { describe, expect, it } from "vitest";
import { CONNECTION, INVITATION, introduce } from "../../support/courier.ts";
import { failed, SEND_MESSAGE, TWICE_AT_ONCE, TWICE_IN_TURN } from "../../support/faults.ts";
import { DECLINED, PATH, recordOf, results, UNCLEAR, WAIT } from "../../support/opt-in-reply.ts";
import { awsLambda, platforms } from "../../support/platforms.ts";
import { COURIER, CUSTOMER, type System, useSystem } from "../../support/system.ts";

describe.each(platforms)("whatsapp/opt-in-reply on $name", (platform) => {
  const isQueued = platform === awsLambda;
  const system = useSystem(platform, { OPT_IN_WORDS: '{"en":{"yes":["aye aye"]}}' });

  describe("after a yes", () => {
    it.each(["Yes", "yes please!", "aye aye", { button: "Yes, sure" }])(
      "(%j) tells the invitee to wait and connects the inviter",
      async (reply) => {
        const { sid } = await introduce(system.current);
        await system.current.send(CUSTOMER, reply);
        expect(await results(system.current)).toEqual(["connected"]);
        expect(await system.current.received(CUSTOMER)).toEqual([INVITATION, WAIT]);
        expect(await system.current.received(COURIER)).toEqual([CONNECTION]);
        expect(await system.current.account.conversations(sid).webhooks.list()).toEqual([]);
      },
    );

    it.each([
      ["yes", "Ĝis", {}, "connected"],
      ["no", "Ne", {}, "declined"],
      ["visit_3", "Yes", { noIds: ["visit_3"] }, "declined"],
    ])("reads the id of a tapped button, %s called %s, not its title", async (id, title, change, outcome) => {
      const actions = [{ title, id }];
      const types = { "twilio/quick-reply": { body: "Ĉu vi volas?", actions } };
      const inviteContentSid = await system.current.account.template(types, "approved");
      await introduce(system.current, { inviteContentSid, inviteVariables: undefined, ...change });
      await system.current.send(CUSTOMER, { button: title });
      expect(await results(system.current)).toEqual([outcome]);
    });

    it.each([
      ["yes", "connected"],
      ["no", "declined"],
    ])("reads the id %s of an item that was picked from a list", async (id, outcome) => {
      const { sid } = await introduce(system.current);
      await system.current.send(CUSTOMER, "Kiu vi estas?");
      const items = [{ item: "Kompreneble", id }];
      const contentSid = await system.current.account.template({
        "twilio/list-picker": { body: "Ĉu vi volas?", button: "Elektu", items },
      });
      const { messages } = system.current.account.conversations(sid);
      await messages.create({ contentSid, author: COURIER });
      await system.current.settle();
      await system.current.send(CUSTOMER, { button: "Kompreneble" });
      expect((await results(system.current)).at(-1)).toBe(outcome);
    });

    it("records the consenting person, the time and the message", async () => {
      const { sid } = await introduce(system.current);
      await system.current.send(CUSTOMER, "Yes");
      const reply = (await system.current.account.conversations(sid).messages.list()).find(
        ({ author }) => author === CUSTOMER,
      );
      const { answer } = await recordOf(system.current, sid);
      expect(answer).toEqual({ consent: true, by: CUSTOMER, at: expect.any(String), messageSid: reply?.sid });
      // The API returns whole seconds, the webhook milliseconds.
      expect(answer?.at.slice(0, 19)).toBe(reply?.dateCreated.toISOString().slice(0, 19));
    });

    it("delivers the later messages of both people to each other", async () => {
      await introduce(system.current);
      await system.current.send(CUSTOMER, "Yes");
      await system.current.send(COURIER, "Hello!");
      await system.current.send(CUSTOMER, "Hi, no worries");
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION, WAIT, "Hello!"]);
      expect(await system.current.received(COURIER)).toEqual([CONNECTION, "Hi, no worries"]);
    });

    it("removes its own webhook and no other", async () => {
      const { sid } = await introduce(system.current);
      const conversation = system.current.account.conversations(sid);
      const archive = {
        target: "webhook" as const,
        "configuration.url": `${system.current.url}/token`,
        "configuration.filters": ["onConversationUpdated"],
      };
      const other = await conversation.webhooks.create(archive);
      await system.current.send(CUSTOMER, "Yes");
      expect((await conversation.webhooks.list()).map(({ sid }) => sid)).toEqual([other.sid]);
    });

    it("keeps other fields of the conversation's attributes", async () => {
      const { sid } = await introduce(system.current);
      const conversation = system.current.account.conversations(sid);
      const before = JSON.parse((await conversation.fetch()).attributes);
      await conversation.update({ attributes: JSON.stringify({ ...before, order: { id: 7 } }) });
      await system.current.send(CUSTOMER, "Yes");
      expect(JSON.parse((await conversation.fetch()).attributes)).toMatchObject({
        order: { id: 7 },
        whatsappOptIn: { answer: { consent: true } },
      });
    });

    it("sends the configured texts, in the introduction's language or its own words", async () => {
      await introduce(system.current, { language: "de-AT", waitText: undefined });
      await system.current.send(CUSTOMER, "Ja, gerne");
      expect(await system.current.received(CUSTOMER)).toEqual([
        INVITATION,
        "Prima! Einen Moment bitte, wir verbinden Sie…",
      ]);
      await system.current.clear();
      await introduce(system.current, { waitText: "Hold on.", yesWords: "Connect me, Why not" });
      await system.current.send(CUSTOMER, "why not?");
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION, "Hold on."]);
    });
  });

  describe("after a no", () => {
    it.each([
      ["No", {}],
      [{ button: "No, thanks" }, {}],
      ["STOP", { stop: true }],
    ])(
      "(%j) sends a farewell, records the answer, and closes, which frees the address pair",
      async (reply, extra) => {
        const { sid } = await introduce(system.current);
        await system.current.send(CUSTOMER, reply);
        expect(await results(system.current)).toEqual(["declined"]);
        expect(await system.current.received(CUSTOMER)).toEqual([INVITATION, DECLINED]);
        expect(await system.current.received(COURIER)).toEqual([]);
        expect((await system.current.account.conversations(sid).fetch()).state).toBe("closed");
        expect((await recordOf(system.current, sid)).answer).toMatchObject({
          consent: false,
          by: CUSTOMER,
          ...extra,
        });
        expect((await introduce(system.current)).status).toBe(201);
      },
    );

    it("still closes when the farewell is rejected", async () => {
      const { sid } = await introduce(system.current);
      await system.current.inject(SEND_MESSAGE, failed(400));
      await system.current.send(CUSTOMER, "STOP");
      expect((await system.current.account.conversations(sid).fetch()).state).toBe("closed");
    });
  });

  describe("after an unclear reply", () => {
    it.each(["Who is this?", { media: ["https://example.com/cat.jpg"] }])(
      "(%j) asks once more",
      async (reply) => {
        await introduce(system.current);
        await system.current.send(CUSTOMER, reply);
        expect(await system.current.received(CUSTOMER)).toEqual([INVITATION, UNCLEAR]);
        expect(await system.current.received(COURIER)).toEqual([]);
      },
    );

    it("connects when the second reply is a yes", async () => {
      await introduce(system.current);
      await system.current.send(CUSTOMER, "Who is this?");
      await system.current.send(CUSTOMER, "Ah, yes");
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION, UNCLEAR]);
      await system.current.clear();
      await introduce(system.current);
      await system.current.send(CUSTOMER, "Who is this?");
      await system.current.send(CUSTOMER, "Yes");
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION, UNCLEAR, WAIT]);
      expect(await system.current.received(COURIER)).toEqual([CONNECTION]);
    });

    it("stops asking after the second unclear reply", async () => {
      const { sid } = await introduce(system.current, { uniqueName: "delivery-1" });
      for (const body of ["Who is this?", "What delivery?", "Hello?", "Yes"])
        await system.current.send(CUSTOMER, body);
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION, UNCLEAR]);
      expect(await system.current.account.conversations(sid).webhooks.list()).toEqual([]);
      expect((await recordOf(system.current, sid)).leftToPerson).toBeDefined();
      expect((await introduce(system.current, { uniqueName: "delivery-1" })).body.status).toBe(
        "left_to_person",
      );
    });
  });

  describe("ignores", () => {
    it("the inviter's messages", async () => {
      await introduce(system.current);
      await system.current.send(COURIER, "yes");
      expect(await results(system.current)).toEqual(["ignored: not_the_invitee"]);
      expect(await system.current.received(COURIER)).toEqual([]);
    });

    it("a program's messages in the invitee's name, or as the system", async () => {
      const { sid } = await introduce(system.current);
      const { messages } = system.current.account.conversations(sid);
      await messages.create({ author: CUSTOMER, body: "yes", xTwilioWebhookEnabled: "true" });
      await messages.create({ body: "yes", xTwilioWebhookEnabled: "true" });
      await system.current.settle();
      expect(await results(system.current)).toEqual([
        "ignored: not_from_a_person",
        "ignored: not_from_a_person",
      ]);
    });

    it("a conversation that is not an introduction, and a deleted one", async () => {
      const { sid } = await system.current.account.conversations.create();
      for (const [ConversationSid, reason] of [
        [sid, "no_introduction"],
        [`CH${"0".repeat(32)}`, "conversation_over"],
      ] as const) {
        const form = {
          EventType: "onMessageAdded",
          ConversationSid,
          Author: CUSTOMER,
          Body: "yes",
          Source: "WHATSAPP",
        };
        expect((await system.current.deliver(PATH, form)).body).toMatchObject({ status: "ignored", reason });
      }
    });
  });

  describe("when the same reply is delivered twice", () => {
    it.each([TWICE_AT_ONCE, TWICE_IN_TURN])("(%j) sends exactly one of each message", async (effect) => {
      for (const [replies, customer, courier] of [
        [["Yes"], [INVITATION, WAIT], [CONNECTION]],
        [["No"], [INVITATION, DECLINED], []],
        [["Huh?", "Yes"], [INVITATION, UNCLEAR, WAIT], [CONNECTION]],
        [["Huh?", "What?"], [INVITATION, UNCLEAR], []],
      ]) {
        await system.current.injectIntoWebhooks({ url: `*${PATH}?*` }, effect);
        await introduce(system.current);
        for (const body of replies ?? []) await system.current.send(CUSTOMER, body);
        expect(await system.current.received(CUSTOMER)).toEqual(customer);
        expect(await system.current.received(COURIER)).toEqual(courier);
        await system.current.clear();
      }
    });

    it("does nothing about a late second answer", async () => {
      await introduce(system.current);
      await system.current.send(CUSTOMER, "Yes");
      const { request } = (await system.current.account.webhooks())[0] ?? {};
      const { body: late } = await system.current.deliver(
        `${PATH}${new URL(request?.url ?? "").search}`,
        Object.fromEntries(new URLSearchParams(request?.body)),
      );
      // With a queue this is the same as another attempt, which finds everything done.
      expect(late.reason ?? late.status).toBe(isQueued ? "connected" : "already_handled");
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION, WAIT]);
      expect(await system.current.received(COURIER)).toEqual([CONNECTION]);
    });

    it.each([
      [["Yes", "Who is this?"], [INVITATION, WAIT], [CONNECTION]],
      [["Who is this?", "Yes"], [INVITATION, WAIT], [CONNECTION]],
      [["Yes", "Yes, please"], [INVITATION, WAIT], [CONNECTION]],
      [["Yes", "No"], [INVITATION, DECLINED], []],
      [["Yes", "STOP", "Yes"], [INVITATION, DECLINED], []],
    ])("handles %j, received before any answer, together", async (replies, customer, courier) => {
      await introduce(system.current);
      const letAllPass = await system.current.holdWebhooks();
      for (const body of replies) await system.current.say(CUSTOMER, body);
      await letAllPass();
      expect(await system.current.received(CUSTOMER)).toEqual(customer);
      expect((await system.current.received(COURIER)).filter((body) => body === CONNECTION)).toEqual(courier);
    });
  });

  describe("rejects", () => {
    const form = {
      EventType: "onMessageAdded",
      ConversationSid: `CH${"0".repeat(32)}`,
      Author: CUSTOMER,
      Body: "yes",
    };

    it("an unsigned request, and one signed with another token", async () => {
      expect((await post(system.current, form, undefined)).status).toBe(401);
      expect((await post(system.current, form, "another token of the same length")).status).toBe(403);
    });

    it.each([
      [{ ConversationSid: "" }, "ConversationSid"],
      [{ ConversationSid: `CH${"g".repeat(32)}` }, "ConversationSid"],
      [{ MessageSid: "IM1" }, "MessageSid"],
    ])("an event with %j, naming the field", async (change, field) => {
      const { status, body } = await system.current.deliver(PATH, { ...form, ...change });
      expect(status).toBe(400);
      expect(body).toMatchObject({ field });
    });
  });
});

function post(
  system: System,
  form: Record<string, string>,
  authToken: string | undefined,
): Promise<Response> {
  const url = `${system.url}${PATH}`;
  const signature: Record<string, string> =
    authToken === undefined ? {} : { "x-twilio-signature": getExpectedTwilioSignature(authToken, url, form) };
  return fetch(url, { method: "POST", headers: signature, body: new URLSearchParams(form) });
}
