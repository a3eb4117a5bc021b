import { expect, it } from "vitest";
import { createIds } from "../../emulator/ids.ts";

it("gives the same SIDs for the same seed", () => {
  const [one, other] = [createIds("seed"), createIds("seed")];
  expect([one.sid("CH"), one.sid("IM"), one.uuid()]).toEqual([
    other.sid("CH"),
    other.sid("IM"),
    other.uuid(),
  ]);
});

it("gives other SIDs for another seed", () => {
  expect(createIds("a").sid("CH")).not.toBe(createIds("b").sid("CH"));
});

it("writes SIDs and UUIDs as Twilio does, and does not repeat them", () => {
  const ids = createIds("seed");
  const sids = Array.from({ length: 10_000 }, () => ids.sid("CH"));
  expect(new Set(sids).size).toBe(sids.length);
  for (const sid of sids) expect(sid).toMatch(/^CH[0-9a-f]{32}$/);
  expect(ids.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
