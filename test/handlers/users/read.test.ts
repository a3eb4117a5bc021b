import { describe, expect, it } from "vitest";
import { effectsOf } from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

const READ = "POST /v1/Services/{ChatServiceSid}/Users/{UserSid}/Conversations/{ConversationSid}";

describe.each(platforms)("users/read on $name", (platform) => {
  const system = useSystem(platform);
  const read = (conversationSid: string, input: object = {}) =>
    system.current.call("/users/read", { conversationSid, identity: "ann", ...input });

  async function conversation(messages: number) {
    const { conversations } = system.current.account;
    const { sid } = await conversations.create({ uniqueName: "order-7" });
    await conversations(sid).participants.create({ identity: "ann" });
    for (let i = 0; i < messages; i++) await conversations(sid).messages.create({ body: `message ${i}` });
    return sid;
  }

  it("moves the read horizon forward, and never back", async () => {
    const sid = await conversation(4);
    expect((await read(sid, { index: 1 })).body).toEqual({
      status: "read",
      conversationSid: sid,
      identity: "ann",
      lastRead: 1,
      unread: 2,
    });
    expect((await read("order-7")).body).toMatchObject({ status: "read", lastRead: 3, unread: 0 });
    expect((await read(sid, { index: "1" })).body).toMatchObject({ status: "unchanged", lastRead: 3 });
  });

  it("never goes beyond the newest message", async () => {
    const sid = await conversation(2);
    expect((await read(sid, { index: 99 })).body).toMatchObject({ status: "read", lastRead: 1 });
  });

  it("does nothing in an empty conversation", async () => {
    const sid = await conversation(0);
    expect((await read(sid)).body).toMatchObject({ status: "unchanged", lastRead: null, unread: null });
  });

  it.each(effectsOf({ operation: READ }))("sets the read horizon despite a fault (%j)", async (effect) => {
    const sid = await conversation(1);
    await system.current.injectOnce({ operation: READ }, effect);
    expect((await read(sid)).body).toMatchObject({ status: "read", lastRead: 0 });
  });

  it("names a user who is not in the conversation", async () => {
    const sid = await conversation(1);
    expect(await read(sid, { identity: "bob" })).toMatchObject({
      status: 404,
      body: { field: "identity" },
    });
  });
});
