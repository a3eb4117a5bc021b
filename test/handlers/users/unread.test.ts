import { describe, expect, it } from "vitest";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

describe.each(platforms)("users/unread on $name", (platform) => {
  const system = useSystem(platform);

  const ask = (claims: Record<string, unknown>, input: object = {}) =>
    system.current.call("/users/unread", input, claims);

  /** A conversation with several messages, some of which alice has read. */
  async function conversation(messages: number, readTo: number | undefined) {
    const { conversations, client } = system.current.account;
    const { sid } = await conversations.create();
    await conversations(sid).participants.create({ identity: "alice" });
    for (let i = 0; i < messages; i++) await conversations(sid).messages.create({ body: `message ${i}` });
    if (readTo !== undefined) {
      await client.conversations.v1
        .users("alice")
        .userConversations(sid)
        .update({ lastReadMessageIndex: readTo });
    }
    return conversations(sid);
  }

  it("sums a user's unread messages in open conversations", async () => {
    await conversation(5, 1);
    await conversation(3, 2);
    await conversation(4, undefined);
    const closed = await conversation(9, 0);
    await closed.update({ state: "closed" });
    expect(await ask({ sub: "alice" })).toMatchObject({
      status: 200,
      body: { status: "counted", identity: "alice", unread: 3, conversations: 1, withoutReadHorizon: 1 },
    });
  });

  it("returns zero for a user without conversations", async () => {
    expect((await ask({ sub: "nobody" })).body).toMatchObject({ unread: 0, conversations: 0 });
  });

  it("requires the scope for other users", async () => {
    await conversation(2, 0);
    expect(await ask({ sub: "bob" }, { identity: "alice" })).toMatchObject({
      status: 403,
      body: { code: "insufficient_scope" },
    });
    expect(
      (await ask({ sub: "service", scope: "conversations:read" }, { identity: "alice" })).body,
    ).toMatchObject({ unread: 1 });
  });

  it.each([{}, { sub: { name: "alice" } }])(
    "rejects the claims %j, which contain no identity",
    async (claims) => {
      expect((await ask(claims)).status).toBe(400);
      for (const identity of ["undefined", "[object Object]"]) {
        expect(await ask(claims, { identity })).toMatchObject({ status: 403 });
      }
    },
  );

  it.each(["..", ".", "\ud800"])(
    "rejects the identity %j, which cannot be part of a URL",
    async (identity) => {
      const claims = { sub: "service", scope: "conversations:read" };
      expect(await ask(claims, { identity })).toMatchObject({ status: 400 });
    },
  );
});
