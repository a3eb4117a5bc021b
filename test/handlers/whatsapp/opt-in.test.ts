import { createHash } from "node:crypto";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { describe, expect, it } from "vitest";
import { CONNECTION, courierInput, INVITATION, introduce } from "../../support/courier.ts";
import { bearer } from "../../support/credentials.ts";
import {
  ADD_PARTICIPANT,
  ADD_WEBHOOK,
  ANSWER_LOST,
  ANY_DELETION,
  CREATE_CONVERSATION,
  DONE_BUT_FAILED,
  failed,
  LOST,
  type Match,
  repeatable,
  SEND_MESSAGE,
  TOO_MANY,
} from "../../support/faults.ts";
import { postJson } from "../../support/http.ts";
import { platforms } from "../../support/platforms.ts";
import { COURIER, CUSTOMER, type Stage, useStage } from "../../support/stage.ts";

const PATH = "/whatsapp/opt-in";

/** Every write of an introduction, by the request that makes it. */
const WRITES: readonly [string, Match][] = [
  ["the conversation", CREATE_CONVERSATION],
  ["the invitee", { ...ADD_PARTICIPANT, address: CUSTOMER }],
  ["the inviter", { ...ADD_PARTICIPANT, address: COURIER }],
  ["the webhook", ADD_WEBHOOK],
  ["the invitation", SEND_MESSAGE],
];

const conversationsOf = (stage: Stage) => stage.bench.conversations.list();

describe.each(platforms)("whatsapp/opt-in on $name", (platform) => {
  const stage = useStage(platform);

  it("makes the conversation, adds both people and invites the invitee alone", async () => {
    const { status, body, sid } = await introduce(stage.current, {
      uniqueName: "delivery-1",
      friendlyName: "Delivery 1",
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: "invited", uniqueName: "delivery-1" });
    expect(await stage.current.received(CUSTOMER)).toEqual([INVITATION]);
    expect(await stage.current.received(COURIER)).toEqual([]);

    const conversation = stage.current.bench.conversations(sid);
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

  it("takes numbers as people write them, and the variables as JSON text", async () => {
    const answer = await introduce(stage.current, {
      invitee: "+1 (555) 867-5310",
      inviter: "WhatsApp:+15017250604",
      inviteVariables: '{"1":"Robert","2":"Alicia"}',
    });
    expect(answer.status).toBe(201);
    expect(await stage.current.received(CUSTOMER)).toEqual([INVITATION]);
  });

  it("sends plain text inside an open window, as the guide shows", async () => {
    await stage.current.send(CUSTOMER, "Where is my food?");
    const { status } = await introduce(stage.current, {
      inviteContentSid: undefined,
      inviteVariables: undefined,
      inviteBody: "May we?",
    });
    expect(status).toBe(201);
    expect(await stage.current.received(CUSTOMER)).toEqual(["May we?"]);
  });

  describe("called again with the same unique name", () => {
    it("gives the same conversation and sends no second invitation", async () => {
      const first = await introduce(stage.current, { uniqueName: "delivery-1" });
      const second = await introduce(stage.current, { uniqueName: "delivery-1" });
      expect(second.status).toBe(200);
      expect(second.body).toEqual({
        status: "invited",
        conversationSid: first.sid,
        uniqueName: "delivery-1",
        existing: true,
      });
      expect(await stage.current.received(CUSTOMER)).toEqual([INVITATION]);
    });

    it("does so at the same instant too", async () => {
      const input = { ...(await courierInput(stage.current)), uniqueName: "delivery-1" };
      const answers = await Promise.all(Array.from({ length: 4 }, () => stage.current.call(PATH, input)));
      await stage.current.bench.emulator.settle();
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
      expect(new Set(answers.map(({ body }) => body.conversationSid)).size).toBe(1);
      expect(await stage.current.received(CUSTOMER)).toEqual([INVITATION]);
      expect(await conversationsOf(stage.current)).toHaveLength(1);
    });

    it("says how the invitee has answered", async () => {
      await introduce(stage.current, { uniqueName: "yes" });
      await stage.current.send(CUSTOMER, "yes");
      expect((await introduce(stage.current, { uniqueName: "yes" })).body).toMatchObject({
        status: "accepted",
        existing: true,
      });
    });

    it("says that somebody has closed the conversation", async () => {
      const { sid } = await introduce(stage.current, { uniqueName: "delivery-1" });
      await stage.current.bench.conversations(sid).update({ state: "closed" });
      const again = await introduce(stage.current, { uniqueName: "delivery-1" });
      expect(again.body).toMatchObject({ status: "closed", conversationSid: sid, existing: true });
    });

    it("puts back the responder's webhook that a run which was cut off has left away", async () => {
      await stage.current.clear(Date.now() - 600_000);
      const { sid } = await introduce(stage.current, { uniqueName: "delivery-1" });
      const { webhooks } = stage.current.bench.conversations(sid);
      for (const webhook of await webhooks.list()) await webhooks(webhook.sid).remove();
      await stage.current.send(CUSTOMER, "Yes");
      expect(await stage.current.received(CUSTOMER)).toEqual([INVITATION]);
      expect((await introduce(stage.current, { uniqueName: "delivery-1" })).body).toMatchObject({
        status: "invited",
        existing: true,
      });
      expect((await stage.current.received(CUSTOMER)).length).toBe(2);
      expect((await introduce(stage.current, { uniqueName: "delivery-1" })).body).toMatchObject({
        status: "accepted",
      });
    });

    it("has an answer acted on that a run which was cut off has only recorded", async () => {
      await stage.current.clear(Date.now() - 600_000);
      await introduce(stage.current, { uniqueName: "delivery-1" });
      for (const match of [SEND_MESSAGE, ADD_WEBHOOK]) await stage.current.strike(match, failed(400));
      await stage.current.send(CUSTOMER, "Yes");
      await stage.current.mend();
      expect(await stage.current.received(COURIER)).toEqual([]);
      expect((await introduce(stage.current, { uniqueName: "delivery-1" })).body).toMatchObject({
        status: "accepted",
        existing: true,
      });
      expect(await stage.current.received(COURIER)).toEqual([CONNECTION]);
      const { body, sid } = await introduce(stage.current, { uniqueName: "delivery-1" });
      expect(body.status).toBe("accepted");
      expect(await stage.current.received(COURIER)).toEqual([CONNECTION]);
      expect(await stage.current.bench.conversations(sid).webhooks.list()).toEqual([]);
    });

    it("refuses when the name belongs to other people, or to another purpose", async () => {
      await introduce(stage.current, { uniqueName: "delivery-1" });
      await stage.current.bench.conversations.create({ uniqueName: "support" });
      const others = await introduce(stage.current, {
        uniqueName: "delivery-1",
        invitee: "whatsapp:+15550001111",
      });
      const support = await introduce(stage.current, { uniqueName: "support" });
      for (const answer of [others, support]) {
        expect(answer).toMatchObject({
          status: 409,
          body: { code: "unique_name_taken", field: "uniqueName" },
        });
      }
    });

    it("replaces a conversation that its maker left half-made", async () => {
      await stage.current.clear(Date.now() - 600_000);
      await stage.current.strike(SEND_MESSAGE, failed());
      await stage.current.strike(ANY_DELETION, failed());
      const broken = await introduce(stage.current, { uniqueName: "delivery-1" });
      expect(broken).toMatchObject({ status: 502, body: { code: "left_half_made" } });
      await stage.current.mend();
      const mended = await introduce(stage.current, { uniqueName: "delivery-1" });
      expect(mended.status).toBe(201);
      expect(mended.sid).not.toBe(broken.sid);
      expect(await conversationsOf(stage.current)).toHaveLength(1);
      expect(await stage.current.received(CUSTOMER)).toEqual([INVITATION]);
    });
  });

  describe("refuses, and leaves nothing behind,", () => {
    it.each([
      ["a number without country code", { invitee: "5558675310" }, "invitee", "invalid_input"],
      ["a missing inviter", { inviter: undefined }, "inviter", "invalid_input"],
      ["the same person twice", { inviter: CUSTOMER }, "inviter", "invalid_input"],
      ["a field that it does not know", { invite: "hello" }, "invite", "invalid_input"],
      [
        "neither template nor text",
        { inviteContentSid: undefined, inviteVariables: undefined },
        "inviteContentSid",
        "invalid_input",
      ],
      ["both template and text", { connectBody: "Hello!" }, "connectContentSid", "invalid_input"],
      ["a SID that is none", { inviteContentSid: "HX123" }, "inviteContentSid", "invalid_input"],
      [
        "a template that does not exist",
        { inviteContentSid: `HX${"0".repeat(32)}` },
        "inviteContentSid",
        "template_not_found",
      ],
      [
        "variables that the template lacks",
        { inviteVariables: { "1": "Robert" } },
        "inviteVariables",
        "template_variables_missing",
      ],
      ["variables that are no object", { inviteVariables: "[1]" }, "inviteVariables", "invalid_input"],
      [
        "a proxy address of somebody else",
        { proxyAddress: "whatsapp:+15005550006" },
        "proxyAddress",
        "invalid_proxy_address",
      ],
      ["a language without words", { language: "tlh" }, "language", "invalid_input"],
      ["a unique name that is a path", { uniqueName: "../Users" }, "uniqueName", "invalid_input"],
      ["a unique name of dots", { uniqueName: ".." }, "uniqueName", "invalid_input"],
      ["a unique name like a SID", { uniqueName: `CH${"0".repeat(32)}` }, "uniqueName", "invalid_input"],
    ])("%s", async (_what, change, field, code) => {
      const answer = await introduce(stage.current, change);
      expect(answer).toMatchObject({ status: 400, body: { status: "error", code, field } });
      expect(answer.body.message).toEqual(expect.any(String));
      expect(await conversationsOf(stage.current)).toEqual([]);
    });

    it.each(["pending", "rejected", "paused"])("a template that WhatsApp has marked %s", async (status) => {
      const connectContentSid = await stage.current.bench.template(
        { "twilio/text": { body: "Hello" } },
        status,
      );
      const answer = await introduce(stage.current, { connectContentSid });
      expect(answer).toMatchObject({
        status: 400,
        body: { code: "template_not_approved", field: "connectContentSid" },
      });
      expect(answer.body.message).toContain(status);
      expect(await conversationsOf(stage.current)).toEqual([]);
    });

    it("a pair that is in another open conversation, naming it", async () => {
      const first = await introduce(stage.current);
      const second = await introduce(stage.current, { inviter: "whatsapp:+15550002222" });
      expect(second).toMatchObject({
        status: 409,
        body: { code: "pair_already_bound", field: "invitee", twilioCode: 50416 },
      });
      expect(second.body.message).toContain(first.sid);
      expect((await conversationsOf(stage.current)).map(({ sid }) => sid)).toEqual([first.sid]);
    });
  });

  describe("when something goes wrong on the way to Twilio", () => {
    it.each(WRITES)("makes %s once although the answer is lost", async (_what, match) => {
      await stage.current.strikeOnce(match, ANSWER_LOST);
      const { status, sid } = await introduce(stage.current);
      expect(status).toBe(201);
      expect(await conversationsOf(stage.current)).toHaveLength(1);
      const conversation = stage.current.bench.conversations(sid);
      expect(await conversation.participants.list()).toHaveLength(2);
      expect(await conversation.webhooks.list()).toHaveLength(1);
      expect(await stage.current.received(CUSTOMER)).toEqual([INVITATION]);
    });

    it.each(WRITES)("makes %s once although the answer to it was a 500", async (_what, match) => {
      await stage.current.strikeOnce(match, DONE_BUT_FAILED);
      expect((await introduce(stage.current)).status).toBe(201);
      expect(await conversationsOf(stage.current)).toHaveLength(1);
      expect(await stage.current.received(CUSTOMER)).toEqual([INVITATION]);
    });

    it.each(repeatable(WRITES))("tries %s again when the request never arrives", async (_what, match) => {
      await stage.current.strikeOnce(match, LOST);
      expect((await introduce(stage.current)).status).toBe(201);
      expect(await stage.current.received(CUSTOMER)).toEqual([INVITATION]);
    });

    it.each(WRITES)("tries %s again after a 429", async (_what, match) => {
      await stage.current.strikeOnce(match, TOO_MANY);
      expect((await introduce(stage.current)).status).toBe(201);
      expect(await stage.current.received(CUSTOMER)).toEqual([INVITATION]);
    });

    it.each(repeatable(WRITES))("takes everything back when %s fails", async (_what, match) => {
      await stage.current.strike(match, failed());
      expect(await introduce(stage.current)).toMatchObject({
        status: 502,
        body: { code: "upstream_failed" },
      });
      expect(await conversationsOf(stage.current)).toEqual([]);
      await stage.current.mend();
      expect((await introduce(stage.current)).status).toBe(201);
    });

    it("says so when it cannot even take it back", async () => {
      await stage.current.strike(ADD_PARTICIPANT, failed());
      await stage.current.strike(ANY_DELETION, failed());
      const log = stage.current.logFromHere();
      const answer = await introduce(stage.current);
      const [left] = await conversationsOf(stage.current);
      expect(answer).toMatchObject({
        status: 502,
        body: { code: "left_half_made", conversationSid: left?.sid },
      });
      await expect.poll(log).toContain("left_behind");
    });

    it("tells nobody the account's credentials when Twilio refuses them", async () => {
      const input = await courierInput(stage.current);
      await stage.current.strike({}, failed(401));
      const answer = await stage.current.call(PATH, input);
      expect(answer).toMatchObject({ status: 500, body: { code: "misconfigured" } });
      expect(JSON.stringify(answer.body)).not.toContain(stage.current.bench.emulator.apiKeySid);
    });
  });

  describe("lets in", () => {
    it("JSON that Twilio has signed with the hash of its body", async () => {
      const body = JSON.stringify(await courierInput(stage.current));
      const url = `${stage.current.url}${PATH}?bodySHA256=${createHash("sha256").update(body).digest("hex")}`;
      const signature = getExpectedTwilioSignature(stage.current.bench.emulator.authToken, url, {});
      const headers = { "content-type": "application/json", "x-twilio-signature": signature };
      expect((await fetch(url, { method: "POST", headers, body })).status).toBe(201);
    });

    const sign = (
      url: string,
      form: Record<string, string>,
      token = stage.current.bench.emulator.authToken,
    ) => ({
      "content-type": "application/x-www-form-urlencoded",
      "x-twilio-signature": getExpectedTwilioSignature(token, url, form),
    });
    const postForm = (form: Record<string, string>, headers: Record<string, string>) =>
      fetch(`${stage.current.url}${PATH}`, {
        method: "POST",
        headers,
        body: new URLSearchParams(form),
      });

    async function studioForm(): Promise<Record<string, string>> {
      const { inviteVariables, ...input } = await courierInput(stage.current);
      return { ...(input as Record<string, string>), inviteVariables: JSON.stringify(inviteVariables) };
    }

    it("a Studio flow that Twilio has signed", async () => {
      const form = await studioForm();
      const response = await postForm(form, sign(`${stage.current.url}${PATH}`, form));
      expect(response.status).toBe(201);
    });

    it("nobody with a forged signature or a changed form", async () => {
      const form = await studioForm();
      const url = `${stage.current.url}${PATH}`;
      const forged = await postForm(form, sign(url, form, "a token of somebody else, made up"));
      const changed = await postForm({ ...form, invitee: "whatsapp:+15550009999" }, sign(url, form));
      for (const response of [forged, changed]) {
        expect(response.status).toBe(403);
        expect(await response.json()).toMatchObject({ code: "invalid_signature" });
      }
      expect(await conversationsOf(stage.current)).toEqual([]);
    });

    it("nobody without credentials, or without the scope", async () => {
      const input = await courierInput(stage.current);
      const url = `${stage.current.url}${PATH}`;
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
