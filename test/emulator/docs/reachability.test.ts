import { describe, expect, it } from "vitest";
import { withWebhooks } from "../support/client.ts";
import { defaultService, registerDevice } from "../support/devices.ts";
import { type Bench, useBench } from "../support/emulator.ts";

const bench = useBench();

const unknown = { isOnline: null, isNotifiable: null };

async function setPresence(b: Bench, identity: string, online: boolean) {
  const { status, body } = await b.control("POST", `/users/${identity}/presence`, { online });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

const show = (b: Bench, reachabilityEnabled: boolean) =>
  defaultService(b).configuration().update({ reachabilityEnabled });

describe("The Reachability Indicator page", () => {
  it("says nothing while the indicator is off", async () => {
    const b = bench.current;
    expect(await setPresence(b, "alice", true)).toEqual({ identity: "alice", online: true, ...unknown });
    await registerDevice(b, "alice", "fcm");
    expect(await b.client.conversations.v1.users("alice").fetch()).toMatchObject(unknown);
  });

  it("says who is online, of those who were since it was switched on", async () => {
    const b = bench.current;
    const { users } = b.client.conversations.v1;
    await setPresence(b, "alice", true);
    await setPresence(b, "bob", true);
    await setPresence(b, "bob", false);
    await show(b, true);
    expect((await users("alice").fetch()).isOnline).toBe(true);
    expect((await users("bob").fetch()).isOnline).toBeNull();
    await setPresence(b, "bob", true);
    expect((await users("bob").fetch()).isOnline).toBe(true);
    await setPresence(b, "bob", false);
    expect((await users("bob").fetch()).isOnline).toBe(false);
    await show(b, false);
    expect((await users("bob").fetch()).isOnline).toBeNull();
    await show(b, true);
    expect((await users("bob").fetch()).isOnline).toBeNull();
  });

  it("says who has devices, of those who ever had one", async () => {
    const b = bench.current;
    await show(b, true);
    const { users } = b.client.conversations.v1;
    await users.create({ identity: "alice" });
    expect((await users("alice").fetch()).isNotifiable).toBeNull();
    const { sid } = await registerDevice(b, "alice", "fcm");
    expect(await users("alice").fetch()).toMatchObject({ isOnline: null, isNotifiable: true });
    await defaultService(b).bindings(sid).remove();
    expect((await users("alice").fetch()).isNotifiable).toBe(false);
  });

  it("is for those who fetch one user: lists, creations and changes say nothing", async () => {
    const b = bench.current;
    await show(b, true);
    await setPresence(b, "alice", true);
    const { users } = b.client.conversations.v1;
    expect(await users.list()).toMatchObject([unknown]);
    expect(await users("alice").update({ friendlyName: "Alice" })).toMatchObject(unknown);
  });

  it("is told on the timeline, and to no webhook but that of another change", async () => {
    const b = bench.current;
    const receiver = await b.receiver();
    await b.client.conversations.v1.configuration.webhooks().update({ postWebhookUrl: receiver.url });
    await show(b, true);
    await setPresence(b, "alice", true);
    await setPresence(b, "alice", true);
    await registerDevice(b, "alice", "fcm");
    await b.client.conversations.v1.users("alice").update({ friendlyName: "Alice", ...withWebhooks });
    await b.emulator.settle();
    expect(receiver.values("EventType")).toEqual(["onUserAdded", "onUserUpdated"]);
    expect(receiver.values("Source")).toEqual(["SDK", "API"]);
    expect(receiver.values("isOnline")).toEqual([undefined, "true"]);
    expect(receiver.values("isNotifiable")).toEqual([undefined, "true"]);
    const { body } = await b.control("GET", "/timeline");
    const told = (body.timeline as { type?: string }[]).filter(({ type }) => type === "reachabilityUpdated");
    expect(told).toMatchObject([
      { identity: "alice", isOnline: true, isNotifiable: null },
      { identity: "alice", isOnline: true, isNotifiable: true },
    ]);
  });
});
