import { describe, expect, it } from "vitest";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

const LARGEST_ANSWER = 64_000;

describe.each(platforms)("conversations/history on $name", (platform) => {
  const system = useSystem(platform);
  const read = (input: object) =>
    system.current.call("/conversations/history", input, { sub: "service", scope: "conversations:read" });
  const conversation = (sid: string) => system.current.account.conversations(sid);

  const messagesOf = (body: Record<string, unknown>) =>
    JSON.parse(String(body.messages)) as Record<string, unknown>[];

  it("returns the last messages as text and as JSON, and earlier ones by page", async () => {
    const { sid } = await system.current.account.conversations.create();
    for (const [author, body] of [
      ["ann", "One"],
      ["bob", 'Two\n"lines"'],
      ["ann", "Three"],
    ] as const)
      await conversation(sid).messages.create({ author, body });
    const last = await read({ conversationSid: sid, limit: "2" });
    expect(last.body).toMatchObject({
      status: "read",
      count: 2,
      text: 'bob: Two\n"lines"\nann: Three',
      isCut: false,
      before: "1",
    });
    expect(messagesOf(last.body)).toMatchObject([
      { index: 1, author: "bob", body: 'Two\n"lines"', media: [], isCut: false },
      { index: 2, author: "ann", body: "Three", sentAt: expect.stringMatching(/^\d{4}-.*Z$/) },
    ]);
    const first = await read({ conversationSid: sid, before: Number(last.body.before) });
    expect(first.body).toMatchObject({ count: 1, text: "ann: One", before: null });
    for (const limit of [0, 101, "all"])
      expect(await read({ conversationSid: sid, limit })).toMatchObject({
        status: 400,
        body: { field: "limit" },
      });
  });

  it("stays under 64 kB for any messages, and omits none", async () => {
    const { sid } = await system.current.account.conversations.create();
    const bodies = [
      "\u0001".repeat(6_000),
      "😀".repeat(5_000),
      "x".repeat(32_768),
      '"\\'.repeat(2_000),
      "end",
    ];
    for (const body of bodies) await conversation(sid).messages.create({ author: "ann", body });
    const seen: unknown[] = [];
    let before: unknown;
    do {
      const input = { conversationSid: sid, ...(before === undefined ? {} : { before }) };
      const { body } = await read(input);
      expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(LARGEST_ANSWER);
      const messages = messagesOf(body);
      for (const { isCut, body } of messages) expect(String(body).endsWith("…")).toBe(isCut);
      seen.unshift(...messages.map(({ index }) => index));
      before = body.before;
    } while (before !== null);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it("reads only the pages that it needs, and rejects an index that is too far away", async () => {
    const { sid } = await system.current.account.conversations.create();
    for (let start = 0; start < 1_030; start += 103)
      await Promise.all(
        Array.from({ length: 103 }, () => conversation(sid).messages.create({ body: "Hello" })),
      );
    const seen: unknown[] = [];
    let before: unknown;
    expect(await read({ conversationSid: sid, before: 20 })).toMatchObject({
      status: 400,
      body: { code: "invalid_input", field: "before" },
    });
    const requests = async () => (await system.current.requests()).length;
    for (before = 130; before !== null; ) {
      const alreadySent = await requests();
      const { body } = await read({ conversationSid: sid, limit: 50, before });
      seen.unshift(...messagesOf(body).map(({ index }) => index));
      if (typeof before === "string") expect((await requests()) - alreadySent).toBeLessThanOrEqual(2);
      before = body.before;
    }
    expect(seen).toEqual(Array.from({ length: 130 }, (_, index) => index));
    const unknown = await read({ conversationSid: sid, before: `1000.PAIM${"0".repeat(32)}`, limit: 1 });
    expect(messagesOf(unknown.body)).toMatchObject([{ index: 999 }]);
    for (const wrong of ["x", "-1", "1.a/b", 1.5]) {
      expect((await read({ conversationSid: sid, before: wrong })).status).toBe(400);
    }
  });
});
