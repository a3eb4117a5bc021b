import { describe, expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const users = () => fixture.current.client.conversations.v1.users;

describe("a user", () => {
  it("is created with the fields of the API's own example", async () => {
    const account = fixture.current;
    const { status, body } = await account.rest("POST", "/v1/Users", "Identity=admin&FriendlyName=name");
    const self = `${account.emulator.url}/v1/Users/${body.sid}`;
    expect(status).toBe(201);
    expect(body).toEqual({
      sid: expect.stringMatching(/^US[0-9a-f]{32}$/),
      account_sid: account.emulator.accountSid,
      chat_service_sid: account.emulator.chatServiceSid,
      role_sid: expect.stringMatching(/^RL[0-9a-f]{32}$/),
      identity: "admin",
      friendly_name: "name",
      attributes: "{}",
      is_online: null,
      is_notifiable: null,
      date_created: "2026-01-05T10:00:00Z",
      date_updated: "2026-01-05T10:00:00Z",
      url: self,
      links: { user_conversations: `${self}/Conversations` },
    });
  });

  it("is fetched and updated by SID or identity", async () => {
    const { sid } = await users().create({ identity: "alice@example.com" });
    expect((await users()("alice@example.com").fetch()).sid).toBe(sid);
    expect(await users()(sid).update({ friendlyName: "Alice" })).toMatchObject({
      sid,
      friendlyName: "Alice",
    });
  });

  it("exists once for an identity", async () => {
    await users().create({ identity: "alice" });
    expect(await rejection(users().create({ identity: "alice" }))).toBe("409/50201");
    expect(
      await rejection(
        fixture.current.rest("POST", "/v1/Users").then(({ body }) => Promise.reject(asError(body))),
      ),
    ).toBe("400/50204");
  });

  it("leaves every conversation when it is deleted", async () => {
    const conversation = await fixture.current.conversation();
    await conversation.participants.create({ identity: "alice" });
    await users()("alice").remove();
    expect(await conversation.participants.list()).toEqual([]);
    expect(await rejection(users()("alice").fetch())).toBe("404/20404");
  });

  it("with an identity like an object's own names is one like any other", async () => {
    for (const identity of ["__proto__", "constructor", "toString"]) {
      expect(await rejection(users()(identity).fetch())).toBe("404/20404");
      await users().create({ identity });
      expect((await users()(identity).fetch()).identity).toBe(identity);
    }
  });
});

function asError({ status, code }: Record<string, unknown>): Error {
  return Object.assign(new Error("refused"), { status, code });
}

it("Attributes have up to 16 KB", async () => {
  const attributes = (bytes: number) => JSON.stringify("x".repeat(bytes - 2));
  const { sid } = await users().create({ identity: "ann", attributes: attributes(16 * 1024) });
  expect(await rejection(users()(sid).update({ attributes: attributes(16 * 1024 + 1) }))).toBe("400/50303");
});
