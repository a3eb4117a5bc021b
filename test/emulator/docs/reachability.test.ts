import { describe, expect, it } from "vitest";
import { withWebhooks } from "../support/client.ts";
import { defaultService, registerDevice } from "../support/devices.ts";
import { type TestAccount, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

const unknown = { isOnline: null, isNotifiable: null };

async function setPresence(account: TestAccount, identity: string, online: boolean) {
  const { status, body } = await account.control("POST", `/users/${identity}/presence`, { online });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

const show = (account: TestAccount, reachabilityEnabled: boolean) =>
  defaultService(account).configuration().update({ reachabilityEnabled });

describe("The Reachability Indicator page", () => {
  it("says nothing while the indicator is off", async () => {
    const account = fixture.current;
    expect(await setPresence(account, "alice", true)).toEqual({
      identity: "alice",
      online: true,
      ...unknown,
    });
    await registerDevice(account, "alice", "fcm");
    expect(await account.client.conversations.v1.users("alice").fetch()).toMatchObject(unknown);
  });

  it("says who is online, of those who were since it was switched on", async () => {
    const account = fixture.current;
    const { users } = account.client.conversations.v1;
    await setPresence(account, "alice", true);
    await setPresence(account, "bob", true);
    await setPresence(account, "bob", false);
    await show(account, true);
    expect((await users("alice").fetch()).isOnline).toBe(true);
    expect((await users("bob").fetch()).isOnline).toBeNull();
    await setPresence(account, "bob", true);
    expect((await users("bob").fetch()).isOnline).toBe(true);
    await setPresence(account, "bob", false);
    expect((await users("bob").fetch()).isOnline).toBe(false);
    await show(account, false);
    expect((await users("bob").fetch()).isOnline).toBeNull();
    await show(account, true);
    expect((await users("bob").fetch()).isOnline).toBeNull();
  });

  it("says who has devices, of those who ever had one", async () => {
    const account = fixture.current;
    await show(account, true);
    const { users } = account.client.conversations.v1;
    await users.create({ identity: "alice" });
    expect((await users("alice").fetch()).isNotifiable).toBeNull();
    const { sid } = await registerDevice(account, "alice", "fcm");
    expect(await users("alice").fetch()).toMatchObject({ isOnline: null, isNotifiable: true });
    await defaultService(account).bindings(sid).remove();
    expect((await users("alice").fetch()).isNotifiable).toBe(false);
  });

  it("is for those who fetch one user: lists, creations and changes say nothing", async () => {
    const account = fixture.current;
    await show(account, true);
    await setPresence(account, "alice", true);
    const { users } = account.client.conversations.v1;
    expect(await users.create({ identity: "bob" })).toMatchObject(unknown);
    expect(await users.list()).toMatchObject([unknown, unknown]);
    expect(await users("alice").update({ friendlyName: "Alice" })).toMatchObject(unknown);
  });

  it("is told on the timeline, and to no webhook but that of another change", async () => {
    const account = fixture.current;
    const receiver = await account.receiver();
    await account.client.conversations.v1.configuration.webhooks().update({ postWebhookUrl: receiver.url });
    await show(account, true);
    await setPresence(account, "alice", true);
    await setPresence(account, "alice", true);
    await registerDevice(account, "alice", "fcm");
    const { users } = account.client.conversations.v1;
    await users.create({ identity: "bob" });
    for (const identity of ["alice", "bob"])
      await users(identity).update({ friendlyName: "A name", ...withWebhooks });
    await account.emulator.settle();
    expect(receiver.values("EventType")).toEqual(["onUserAdded", "onUserUpdated", "onUserUpdated"]);
    expect(receiver.values("Source")).toEqual(["SDK", "API", "API"]);
    expect(receiver.values("isOnline")).toEqual([undefined, "true", "false"]);
    expect(receiver.values("isNotifiable")).toEqual([undefined, "true", "false"]);
    const { body } = await account.control("GET", "/timeline");
    const told = (body.timeline as { type?: string }[]).filter(({ type }) => type === "reachabilityUpdated");
    expect(told).toMatchObject([
      { identity: "alice", isOnline: true, isNotifiable: null },
      { identity: "alice", isOnline: true, isNotifiable: true },
    ]);
  });
});
