import { describe, expect, it } from "vitest";
import { effectsOf } from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

const CREATE_USER = { operation: "POST /v1/Services/{ChatServiceSid}/Users" };
const READ = "POST /v1/Services/{ChatServiceSid}/Users/{UserSid}/Conversations/{ConversationSid}";

describe.each(platforms)("users on $name", (platform) => {
  const system = useSystem(platform);
  const users = () => system.current.account.client.conversations.v1.users;

  describe("update", () => {
    const update = (input: object) => system.current.call("/users/update", { identity: "ann/lee", ...input });
    const found = () => users()(encodeURIComponent("ann/lee")).fetch();

    it("creates a user, updates changed fields only, and merges attributes", async () => {
      const first = await update({ friendlyName: "Ann", attributes: { team: "sales", level: 1 } });
      expect(first).toMatchObject({ status: 201, body: { status: "created", identity: "ann/lee" } });
      const changes = { friendlyName: "Ann Lee", attributes: '{"level":null,"mood":"good"}' };
      expect(await update(changes)).toMatchObject({
        status: 200,
        body: { status: "updated", userSid: first.body.userSid },
      });
      expect(await found()).toMatchObject({
        friendlyName: "Ann Lee",
        attributes: '{"team":"sales","mood":"good"}',
      });
      expect((await update(changes)).body).toMatchObject({ status: "unchanged" });
    });

    it("loses no change of concurrent calls, also when they create the user", async () => {
      const names = ["a", "b", "c"];
      const answers = await Promise.all(names.map((name) => update({ attributes: { [name]: 1 } })));
      expect(answers.every(({ status }) => status < 300)).toBe(true);
      expect(Object.keys(JSON.parse((await found()).attributes)).sort()).toEqual(names);
    });

    it.each(effectsOf(CREATE_USER))("creates a user despite a fault (%j)", async (effect) => {
      await system.current.injectOnce(CREATE_USER, effect);
      expect((await update({ friendlyName: "Ann" })).body).toMatchObject({ status: "created" });
      expect(await found()).toMatchObject({ friendlyName: "Ann" });
    });

    it("requires a change, and names an unknown role", async () => {
      expect(await update({})).toMatchObject({ status: 400, body: { field: "friendlyName" } });
      const roleSid = `RL${"0".repeat(32)}`;
      expect((await update({ roleSid })).body).toMatchObject({ status: "error", field: "roleSid" });
    });
  });

  describe("read", () => {
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
});
