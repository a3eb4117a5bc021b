import { describe, it } from "vitest";
import { useBench } from "../../emulator/support/emulator.ts";
import { applyTwice, fates } from "./after-a-fault.ts";

const bench = useBench();
/** How many requests the example's plan and apply make; a fault that strikes none of them fails its test. */
const requests = Array.from({ length: 48 }, (_, request) => request);

describe.each(fates)("when a request $name", ({ fate }) => {
  it.each(requests)("a second apply reaches the goal, request %i", (request) =>
    applyTwice(bench.current, {}, fate, request),
  );
});
