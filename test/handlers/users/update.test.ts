import { describe, expect, it } from "vitest";
import { effectsOf } from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

const CREATE_USER = { operation: "POST /v1/Services/{ChatServiceSid}/Users" };

describe.each(platforms)("users/update on $name", (platform) => {
  const system = useSystem(platform);
  const users = () => system.current.account.client.conversations.v1.users;
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
