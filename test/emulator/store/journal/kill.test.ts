import { expect, it } from "vitest";
import { killUnderLoad } from "../../support/kill.ts";

it("a process that is killed under load keeps every acknowledged write, has no partial write and repeats no SID", async () => {
  expect(await killUnderLoad(0)).toBeGreaterThan(100);
});
