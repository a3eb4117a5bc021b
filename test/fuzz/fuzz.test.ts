import { expect, it } from "vitest";
import { fuzz } from "./run.ts";

it("random and spoiled requests make no bundle fail", async () => {
  const conduct = { shouldStop: () => false, progress: () => undefined };
  expect(await fuzz({ requests: 300, seed: 20_261_129, isForBundlesAlone: true, ...conduct })).toBe(300);
}, 60_000);
