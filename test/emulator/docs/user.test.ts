import { expect, it } from "vitest";
import { refusal, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Conversations User Resource page: create, fetch, list, update, delete", async () => {
  const account = fixture.current;
  const { users, roles } = account.client.conversations.v1;
  const user = await users.create({ identity: "RedgrenGrumbholdt" });
  expect(user).toMatchObject({ identity: "RedgrenGrumbholdt", attributes: "{}", isOnline: null });

  expect((await users(user.sid).fetch()).identity).toBe("RedgrenGrumbholdt");
  expect((await users("RedgrenGrumbholdt").fetch()).sid).toBe(user.sid);
  expect((await users.list({ limit: 20 })).map(({ sid }) => sid)).toEqual([user.sid]);

  const admin = (await roles.list()).find(({ friendlyName }) => friendlyName === "service admin");
  const changes = { friendlyName: "new name", roleSid: admin?.sid ?? "" };
  expect(await users(user.sid).update(changes)).toMatchObject(changes);

  await users(user.sid).remove();
  expect(await refusal(users(user.sid).fetch())).toBe("404/20404");
});
