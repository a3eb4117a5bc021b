import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { describe, expect, it } from "vitest";
import { platforms } from "../../support/platforms.ts";
import { useStage } from "../../support/stage.ts";

const SERVICE_RULES = {
  blockedWords: ["bad"],
  removePersonalData: ["card", "email", "phone"],
  longestBody: 200,
  exceptAuthors: ["moderator"],
};

describe.each(platforms)("webhooks/pre-event on $name", (platform) => {
  const stage = useStage(platform, { PRE_EVENT_RULES: JSON.stringify(SERVICE_RULES) });

  /** A conversation whose messages go by the rules. */
  async function moderated() {
    const { client, conversations } = stage.current.bench;
    await client.conversations.v1.configuration.webhooks().update({
      preWebhookUrl: `${stage.current.url}/webhooks/pre-event`,
      method: "POST",
      filters: ["onMessageAdd", "onMessageUpdate", "onConversationAdd"],
    });
    const { sid } = await conversations.create({ xTwilioWebhookEnabled: "true" });
    return conversations(sid);
  }
  const say = (body: string, author = "alice") => ({ body, author, xTwilioWebhookEnabled: "true" as const });

  it("lets a harmless message and a new conversation pass unchanged", async () => {
    const { messages } = await moderated();
    expect((await messages.create(say("Hello there"))).body).toBe("Hello there");
  });

  it("keeps a blocked word from being published", async () => {
    const { messages } = await moderated();
    await expect(messages.create(say("This is b4d"))).rejects.toMatchObject({ status: 400, code: 50056 });
    expect(await messages.list()).toEqual([]);
  });

  it("takes personal data out, also of what a phone sends", async () => {
    const conversation = await moderated();
    expect((await conversation.messages.create(say("I am at a@example.com"))).body).toBe(
      "I am at [e-mail address removed]",
    );
    const { smsNumber } = stage.current.bench.emulator;
    await conversation.participants.create({
      "messagingBinding.address": "+15558675310",
      "messagingBinding.proxyAddress": smsNumber,
    });
    await stage.current.bench.send("+15558675310", smsNumber, "Call +1 555 867 5310");
    const [, second] = await conversation.messages.list();
    expect(second?.body).toBe("Call [phone number removed]");
  });

  it("refuses a text that is too long, and a change to one", async () => {
    const { messages } = await moderated();
    await expect(messages.create(say("x".repeat(201)))).rejects.toMatchObject({ code: 50056 });
    const { sid } = await messages.create(say("short"));
    await expect(
      messages(sid).update({ body: "x".repeat(201), xTwilioWebhookEnabled: "true" }),
    ).rejects.toMatchObject({ code: 50056 });
  });

  it("lets a message pass that it cannot read, as the rules say for failures", async () => {
    const { emulator } = stage.current.bench;
    const url = `${stage.current.url}/webhooks/pre-event`;
    const form = { EventType: "onMessageAdd", Body: ["one", "two"] };
    const signature = getExpectedTwilioSignature(emulator.authToken, url, form);
    const body = new URLSearchParams([
      ["EventType", "onMessageAdd"],
      ["Body", "one"],
      ["Body", "two"],
    ]);
    const response = await fetch(url, { method: "POST", headers: { "x-twilio-signature": signature }, body });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({});
  });

  it("lets exempt authors say what they want", async () => {
    const { messages } = await moderated();
    expect((await messages.create(say("bad a@example.com", "moderator"))).body).toBe("bad a@example.com");
  });
});

describe.each(platforms)("webhooks/pre-event on $name, masking", (platform) => {
  const rules = { blockedWords: ["bad"], onBlockedWord: "mask", exceptSources: ["SMS"] };
  const stage = useStage(platform, { PRE_EVENT_RULES: JSON.stringify(rules) });

  it("puts asterisks in the place of blocked words, but for the exempt channel", async () => {
    const { client, conversations, emulator } = stage.current.bench;
    await client.conversations.v1.configuration.webhooks().update({
      preWebhookUrl: `${stage.current.url}/webhooks/pre-event`,
      method: "POST",
      filters: ["onMessageAdd"],
    });
    const { sid } = await conversations.create();
    const conversation = conversations(sid);
    const { body } = await conversation.messages.create({ body: "not bad", xTwilioWebhookEnabled: "true" });
    expect(body).toBe("not ***");
    const { smsNumber } = emulator;
    await conversation.participants.create({
      "messagingBinding.address": "+15558675310",
      "messagingBinding.proxyAddress": smsNumber,
    });
    await stage.current.bench.send("+15558675310", smsNumber, "not bad");
    expect((await conversation.messages.list()).map(({ body }) => body)).toEqual(["not ***", "not bad"]);
  });
});
