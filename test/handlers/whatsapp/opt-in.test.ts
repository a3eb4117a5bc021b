import { createHash } from "node:crypto";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { describe, expect, it } from "vitest";
import { CONNECTION, courierInput, INVITATION, introduce } from "../../support/courier.ts";
import { bearer } from "../../support/credentials.ts";
import { ADD_WEBHOOK, ANY_DELETION, failed, SEND_MESSAGE } from "../../support/faults.ts";
import { postJson } from "../../support/http.ts";
import { awsLambda, platforms } from "../../support/platforms.ts";
import { COURIER, CUSTOMER, QUICK, type System, useSystem } from "../../support/system.ts";
import { ALL_REJECTED, rejections } from "../../support/template-variables.ts";

const PATH = "/whatsapp/opt-in";

const conversationsOf = (system: System) => system.account.conversations.list();

describe.each(platforms)("whatsapp/opt-in on $name", (platform) => {
  const system = useSystem(platform, {}, QUICK);

  it("creates the conversation, adds both people and sends the invitation to the invitee only", async () => {
    const { status, body, sid } = await introduce(system.current, {
      uniqueName: "delivery-1",
      friendlyName: "Delivery 1",
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: "invited", uniqueName: "delivery-1" });
    expect(await system.current.received(CUSTOMER)).toEqual([INVITATION]);
    expect(await system.current.received(COURIER)).toEqual([]);

    const conversation = system.current.account.conversations(sid);
    expect(await conversation.fetch()).toMatchObject({
      uniqueName: "delivery-1",
      friendlyName: "Delivery 1",
      state: "active",
    });
    const bindings = (await conversation.participants.list()).map(
      ({ messagingBinding }) => messagingBinding.address,
    );
    expect(bindings.sort()).toEqual([COURIER, CUSTOMER].sort());
    expect(await conversation.webhooks.list()).toMatchObject([
      {
        target: "webhook",
        configuration: {
          url: expect.stringMatching(/\/whatsapp\/opt-in-reply\?parley=[\w-]+$/),
          filters: ["onMessageAdded"],
        },
      },
    ]);
    expect(await conversation.messages.list()).toMatchObject([
      { sid: body.inviteMessageSid, author: COURIER, body: INVITATION },
    ]);
  });

  it("accepts formatted phone numbers, and the variables as JSON text", async () => {
    const answer = await introduce(system.current, {
      invitee: "+1 (555) 867-5310",
      inviter: "WhatsApp:+15017250604",
      inviteVariables: '{"1":"Robert","2":"Alicia"}',
    });
    expect(answer.status).toBe(201);
    expect(await system.current.received(CUSTOMER)).toEqual([INVITATION]);
  });

  it("sends plain text inside an open window, as the guide shows", async () => {
    await system.current.send(CUSTOMER, "Where is my food?");
    const { status } = await introduce(system.current, {
      inviteContentSid: undefined,
      inviteVariables: undefined,
      inviteBody: "May we?",
    });
    expect(status).toBe(201);
    expect(await system.current.received(CUSTOMER)).toEqual(["May we?"]);
  });

  describe("called again with the same unique name", () => {
    it("returns the same conversation and sends no second invitation", async () => {
      const first = await introduce(system.current, { uniqueName: "delivery-1" });
      const second = await introduce(system.current, { uniqueName: "delivery-1" });
      expect(second.status).toBe(200);
      expect(second.body).toEqual({
        status: "invited",
        conversationSid: first.sid,
        uniqueName: "delivery-1",
        existing: true,
      });
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION]);
    });

    it("does so for concurrent calls too", async () => {
      const input = { ...(await courierInput(system.current)), uniqueName: "delivery-1" };
      const answers = await Promise.all(Array.from({ length: 4 }, () => system.current.call(PATH, input)));
      await system.current.settle();
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
      expect(new Set(answers.map(({ body }) => body.conversationSid)).size).toBe(1);
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION]);
      expect(await conversationsOf(system.current)).toHaveLength(1);
    });

    it("returns the invitee's answer", async () => {
      await introduce(system.current, { uniqueName: "yes" });
      await system.current.send(CUSTOMER, "yes");
      expect((await introduce(system.current, { uniqueName: "yes" })).body).toMatchObject({
        status: "accepted",
        existing: true,
      });
    });

    it("reports that the conversation was closed", async () => {
      const { sid } = await introduce(system.current, { uniqueName: "delivery-1" });
      await system.current.account.conversations(sid).update({ state: "closed" });
      const again = await introduce(system.current, { uniqueName: "delivery-1" });
      expect(again.body).toMatchObject({ status: "closed", conversationSid: sid, existing: true });
    });

    it.each([
      [["Yes"]],
      [["Who is that?", "Yes"]],
      [["Yes", "Are you there?"]],
      [["No", "What?", "I mean", "yes"]],
    ])("restores the responder's webhook that an interrupted run did not add, for %j", async (replies) => {
      await system.current.clear(Date.now() - 600_000);
      const { sid } = await introduce(system.current, { uniqueName: "delivery-1" });
      const { webhooks } = system.current.account.conversations(sid);
      for (const webhook of await webhooks.list()) await webhooks(webhook.sid).remove();
      for (const reply of replies) await system.current.send(CUSTOMER, reply);
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION]);
      expect((await introduce(system.current, { uniqueName: "delivery-1" })).body).toMatchObject({
        status: "invited",
        existing: true,
      });
      expect((await system.current.received(CUSTOMER)).length).toBe(2);
      expect(await system.current.received(COURIER)).toEqual([CONNECTION]);
      expect((await introduce(system.current, { uniqueName: "delivery-1" })).body).toMatchObject({
        status: "accepted",
      });
    });

    it("has an answer handled that an interrupted run has only recorded", async () => {
      await system.current.clear(Date.now() - 600_000);
      await introduce(system.current, { uniqueName: "delivery-1" });
      await system.current.inject(SEND_MESSAGE, failed(400));
      // With a queue, its webhook stays until everything is done.
      if (platform !== awsLambda) await system.current.inject(ADD_WEBHOOK, failed(400));
      await system.current.send(CUSTOMER, "Yes");
      await system.current.clearFaults();
      expect(await system.current.received(COURIER)).toEqual([]);
      expect((await introduce(system.current, { uniqueName: "delivery-1" })).body).toMatchObject({
        status: "accepted",
        existing: true,
      });
      expect(await system.current.received(COURIER)).toEqual([CONNECTION]);
      const { body, sid } = await introduce(system.current, { uniqueName: "delivery-1" });
      expect(body.status).toBe("accepted");
      expect(await system.current.received(COURIER)).toEqual([CONNECTION]);
      expect(await system.current.account.conversations(sid).webhooks.list()).toEqual([]);
    });

    it("rejects a name that belongs to other people, or to another kind of conversation", async () => {
      await introduce(system.current, { uniqueName: "delivery-1" });
      await system.current.account.conversations.create({ uniqueName: "support" });
      const others = await introduce(system.current, {
        uniqueName: "delivery-1",
        invitee: "whatsapp:+15550001111",
      });
      const support = await introduce(system.current, { uniqueName: "support" });
      for (const answer of [others, support]) {
        expect(answer).toMatchObject({
          status: 409,
          body: { code: "unique_name_taken", field: "uniqueName" },
        });
      }
    });

    it("replaces a conversation whose creation was interrupted", async () => {
      await system.current.clear(Date.now() - 600_000);
      await system.current.inject(SEND_MESSAGE, failed(400));
      await system.current.inject(ANY_DELETION, failed());
      const broken = await introduce(system.current, { uniqueName: "delivery-1" });
      expect(broken).toMatchObject({ status: 502, body: { code: "left_half_made" } });
      await system.current.clearFaults();
      const mended = await introduce(system.current, { uniqueName: "delivery-1" });
      expect(mended.status).toBe(201);
      expect(mended.sid).not.toBe(broken.sid);
      expect(await conversationsOf(system.current)).toHaveLength(1);
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION]);
    });
  });

  describe("rejects, and creates nothing for,", () => {
    it.each([
      ["a number without country code", { invitee: "5558675310" }, "invitee", "invalid_input"],
      ["a missing inviter", { inviter: undefined }, "inviter", "invalid_input"],
      ["the same person twice", { inviter: CUSTOMER }, "inviter", "invalid_input"],
      ["an unknown field", { invite: "hello" }, "invite", "invalid_input"],
      [
        "neither template nor text",
        { inviteContentSid: undefined, inviteVariables: undefined },
        "inviteContentSid",
        "invalid_input",
      ],
      ["both template and text", { connectBody: "Hello!" }, "connectContentSid", "invalid_input"],
      ["a malformed SID", { inviteContentSid: "HX123" }, "inviteContentSid", "invalid_input"],
      [
        "a template that does not exist",
        { inviteContentSid: `HX${"0".repeat(32)}` },
        "inviteContentSid",
        "template_not_found",
      ],
      [
        "variables that are too long together",
        { inviteVariables: { "1": "x".repeat(256), "2": "y".repeat(257) } },
        "inviteVariables.2",
        "invalid_input",
      ],
      ["variables that are not an object", { inviteVariables: "[1]" }, "inviteVariables", "invalid_input"],
      [
        "a proxy address of another account",
        { proxyAddress: "whatsapp:+15005550006" },
        "proxyAddress",
        "invalid_proxy_address",
      ],
      ["a language without words", { language: "tlh" }, "language", "invalid_input"],
      ["a unique name that is a path", { uniqueName: "../Users" }, "uniqueName", "invalid_input"],
      ["a unique name of dots", { uniqueName: ".." }, "uniqueName", "invalid_input"],
      ["a unique name like a SID", { uniqueName: `CH${"0".repeat(32)}` }, "uniqueName", "invalid_input"],
    ])("%s", async (_what, change, field, code) => {
      const answer = await introduce(system.current, change);
      expect(answer).toMatchObject({ status: 400, body: { status: "error", code, field } });
      expect(answer.body.message).toEqual(expect.any(String));
      expect(await conversationsOf(system.current)).toEqual([]);
    });

    it.each(["invite", "connect"])("variables of the template to %s that WhatsApp rejects", async (step) => {
      const results = await rejections(system.current, (contentSid, variables) =>
        introduce(system.current, { [`${step}ContentSid`]: contentSid, [`${step}Variables`]: variables }),
      );
      expect(results).toEqual(ALL_REJECTED);
      expect(await conversationsOf(system.current)).toEqual([]);
    });

    it.each(["pending", "rejected", "paused"])("a template with the WhatsApp status %s", async (status) => {
      const connectContentSid = await system.current.account.template(
        { "twilio/text": { body: "Hello" } },
        status,
      );
      const answer = await introduce(system.current, { connectContentSid });
      expect(answer).toMatchObject({
        status: 400,
        body: { code: "template_not_approved", field: "connectContentSid" },
      });
      expect(answer.body.message).toContain(status);
      expect(await conversationsOf(system.current)).toEqual([]);
    });

    it("an address pair in another open conversation, which is named", async () => {
      const first = await introduce(system.current);
      const second = await introduce(system.current, { inviter: "whatsapp:+15550002222" });
      expect(second).toMatchObject({
        status: 409,
        body: { code: "pair_already_bound", field: "invitee", twilioCode: 50416 },
      });
      expect(second.body.message).toContain(first.sid);
      expect((await conversationsOf(system.current)).map(({ sid }) => sid)).toEqual([first.sid]);
    });
  });

  describe("accepts", () => {
    it("JSON signed by Twilio with the hash of its body", async () => {
      const body = JSON.stringify(await courierInput(system.current));
      const url = `${system.current.url}${PATH}?bodySHA256=${createHash("sha256").update(body).digest("hex")}`;
      const signature = getExpectedTwilioSignature(system.current.account.emulator.authToken, url, {});
      const headers = { "content-type": "application/json", "x-twilio-signature": signature };
      expect((await fetch(url, { method: "POST", headers, body })).status).toBe(201);
    });

    const sign = (
      url: string,
      form: Record<string, string>,
      token = system.current.account.emulator.authToken,
    ) => ({
      "content-type": "application/x-www-form-urlencoded",
      "x-twilio-signature": getExpectedTwilioSignature(token, url, form),
    });
    const postForm = (form: Record<string, string>, headers: Record<string, string>) =>
      fetch(`${system.current.url}${PATH}`, {
        method: "POST",
        headers,
        body: new URLSearchParams(form),
      });

    async function studioForm(): Promise<Record<string, string>> {
      const { inviteVariables, ...input } = await courierInput(system.current);
      return { ...(input as Record<string, string>), inviteVariables: JSON.stringify(inviteVariables) };
    }

    it("a Studio flow's request signed by Twilio", async () => {
      const form = await studioForm();
      const response = await postForm(form, sign(`${system.current.url}${PATH}`, form));
      expect(response.status).toBe(201);
    });

    it("no forged signature and no changed form", async () => {
      const form = await studioForm();
      const url = `${system.current.url}${PATH}`;
      const forged = await postForm(form, sign(url, form, "a made-up token of another account"));
      const changed = await postForm({ ...form, invitee: "whatsapp:+15550009999" }, sign(url, form));
      for (const response of [forged, changed]) {
        expect(response.status).toBe(403);
        expect(await response.json()).toMatchObject({ code: "invalid_signature" });
      }
      expect(await conversationsOf(system.current)).toEqual([]);
    });

    it("no caller without credentials or without the scope", async () => {
      const input = await courierInput(system.current);
      const url = `${system.current.url}${PATH}`;
      expect(await postJson(url, input)).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
      expect(
        await postJson(url, input, await bearer({ sub: "alice", scope: "conversations:read" })),
      ).toMatchObject({
        status: 403,
        body: { code: "insufficient_scope" },
      });
    });
  });
});
