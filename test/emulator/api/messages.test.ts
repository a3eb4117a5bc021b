import { describe, expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

describe("a message", () => {
  it("has the fields of the API's own example", async () => {
    const account = fixture.current;
    const { sid } = await account.conversations.create();
    const path = `/v1/Conversations/${sid}/Messages`;
    const { status, body } = await account.rest(
      "POST",
      path,
      "Body=Hello&Author=message+author&Attributes=%7B%22a%22%3A1%7D",
    );
    const self = `${account.emulator.url}${path}/${body.sid}`;
    expect(status).toBe(201);
    expect(body).toEqual({
      sid: expect.stringMatching(/^IM[0-9a-f]{32}$/),
      account_sid: account.emulator.accountSid,
      conversation_sid: sid,
      body: "Hello",
      media: null,
      author: "message author",
      participant_sid: null,
      attributes: '{"a":1}',
      date_created: "2026-01-05T10:00:00Z",
      date_updated: "2026-01-05T10:00:00Z",
      index: 0,
      delivery: null,
      content_sid: null,
      url: self,
      links: { delivery_receipts: `${self}/Receipts`, channel_metadata: `${self}/ChannelMetadata` },
    });
  });

  it("is written by the system unless it names an author, whose participant it then has", async () => {
    const conversation = await fixture.current.conversation();
    const alice = await conversation.participants.create({ identity: "alice" });
    const bySystem = await conversation.messages.create({ body: "Welcome!" });
    expect(bySystem).toMatchObject({ author: "system", participantSid: null });
    const byAlice = await conversation.messages.create({ body: "Hi", author: "alice" });
    expect(byAlice).toMatchObject({ author: "alice", participantSid: alice.sid });
    const { messages } = conversation;
    expect(await messages(byAlice.sid).update({ author: "system" })).toMatchObject({ participantSid: null });
    expect(await messages(bySystem.sid).update({ author: "alice" })).toMatchObject({
      participantSid: alice.sid,
    });
    await conversation.participants(alice.sid).remove();
    expect(await messages(bySystem.sid).update({ body: "Bye" })).toMatchObject({ participantSid: alice.sid });
  });

  it("is listed by index, ascending and descending", async () => {
    const conversation = await fixture.current.conversation();
    for (const body of ["a", "b", "c"]) await conversation.messages.create({ body });
    expect((await conversation.messages.list()).map(({ body }) => body)).toEqual(["a", "b", "c"]);
    const descending = await conversation.messages.list({ order: "desc", pageSize: 2 });
    expect(descending.map(({ index }) => index)).toEqual([2, 1, 0]);
    const { sid } = await conversation.fetch();
    const mixed = await fixture.current.rest(
      "GET",
      `/v1/Conversations/${sid}/Messages?Order=DeSc&PageSize=1`,
    );
    expect(mixed.body).toMatchObject({ messages: [{ index: 2 }], meta: { key: "messages", page_size: 1 } });
    expect(mixed.body.meta).toMatchObject({
      next_page_url: expect.stringContaining("?Order=desc&PageSize=1&Page=1&"),
    });
    const wrong = await fixture.current.rest("GET", `/v1/Conversations/${sid}/Messages?Order=up`);
    expect(wrong.status).toBe(400);
  });

  it("leaves a gap in the indexes when it is deleted", async () => {
    const conversation = await fixture.current.conversation();
    const first = await conversation.messages.create({ body: "a" });
    await conversation.messages.create({ body: "b" });
    await conversation.messages(first.sid).remove();
    await conversation.messages.create({ body: "c" });
    expect((await conversation.messages.list()).map(({ index }) => index)).toEqual([1, 2]);
    expect(await rejection(conversation.messages(first.sid).fetch())).toBe("404/20404");
  });

  it("is updated", async () => {
    const conversation = await fixture.current.conversation();
    const { sid } = await conversation.messages.create({ body: "a" });
    await fixture.current.emulator.advance(1000);
    const updated = await conversation
      .messages(sid)
      .update({ body: "b", author: "regretful", attributes: "[]" });
    expect(updated).toMatchObject({ body: "b", author: "regretful", attributes: "[]", index: 0 });
    expect(updated.dateUpdated.getTime() - updated.dateCreated.getTime()).toBe(1000);
  });
});

describe("a message with a content template", () => {
  it("shows the template's text with the variables filled in, whatever body comes along", async () => {
    const conversation = await fixture.current.conversation();
    const contentSid = await fixture.current.template(
      { "twilio/text": { body: "Hi, {{ 1 }}. {{2}} {{x}}" } },
      undefined,
      {
        2: "Thanks!",
      },
    );
    const message = await conversation.messages.create({
      contentSid,
      contentVariables: '{"1":"$&Alice"}',
      body: "ignored",
    });
    expect(message).toMatchObject({ body: "Hi, $&Alice. Thanks! {{x}}", contentSid, media: null });
  });

  it.each([
    [{ contentVariables: "{}" }, "400/50528"],
    [{ contentSid: "HX1" }, "400/50526"],
    [{ contentSid: `HX${"0".repeat(32)}` }, "400/21655"],
    [{ contentSid: "known", contentVariables: "[]" }, "400/50527"],
    [{ contentSid: "known", contentVariables: "{" }, "400/50527"],
    [{ contentSid: "known", contentVariables: '{"a":{}}' }, "400/50527"],
    [{ contentSid: "known", contentVariables: '{"1":null}' }, "400/50527"],
    [{ contentSid: "known", contentVariables: JSON.stringify({ ["k".repeat(17)]: "v" }) }, "400/50540"],
    [{ contentSid: "known", contentVariables: JSON.stringify({ k: "v".repeat(257) }) }, "400/50541"],
    [{ contentSid: "known", contentVariables: JSON.stringify({ k: "v".repeat(27_801) }) }, "400/50529"],
    [
      {
        contentSid: "known",
        contentVariables: JSON.stringify(Object.fromEntries(Array.from({ length: 101 }, (_, i) => [i, "v"]))),
      },
      "400/50529",
    ],
  ])("is refused %#", async (params: { contentSid?: string; contentVariables?: string }, expected) => {
    const known = await fixture.current.template({ "twilio/text": { body: "Hi" } });
    const contentSid = params.contentSid === "known" ? { contentSid: known } : {};
    const conversation = await fixture.current.conversation();
    expect(await rejection(conversation.messages.create({ ...params, ...contentSid }))).toBe(expected);
  });

  it("is refused for a type that Conversations does not send", async () => {
    const contentSid = await fixture.current.template({ "twilio/catalog": { body: "Hi" } });
    const conversation = await fixture.current.conversation();
    expect(await rejection(conversation.messages.create({ contentSid }))).toBe("400/50542");
  });
});

describe("what a message is refused for", () => {
  it.each([
    [{}, "400/50503"],
    [{ body: "" }, "400/50503"],
    [{ body: "x".repeat(32 * 1024 + 1) }, "400/50504"],
    [{ body: "é".repeat(16 * 1024 + 1) }, "400/50504"],
    [{ body: "a", author: "x".repeat(257) }, "400/50310"],
    [{ body: "a", attributes: "nope" }, "400/50304"],
    [{ body: "a", attributes: JSON.stringify("x".repeat(4096)) }, "400/50303"],
    [{ body: "a", subject: "x".repeat(257) }, "400/20422"],
    [{ mediaSid: "ME1" }, "400/50510"],
    [{ mediaSid: `ME${"0".repeat(32)}` }, "404/50507"],
  ])("%#", async (params, expected) => {
    const conversation = await fixture.current.conversation();
    expect(await rejection(conversation.messages.create(params))).toBe(expected);
  });

  it("accepts a body of 32 KB", async () => {
    const conversation = await fixture.current.conversation();
    const body = "x".repeat(32 * 1024);
    expect((await conversation.messages.create({ body })).body).toBe(body);
  });
});
