import { describe, it } from "vitest";
import { useBench } from "../../emulator/support/emulator.ts";
import { applyTwice, fates } from "./after-a-fault.ts";

const bench = useBench();
/** What the example changes. Each change meets one fate; faults.matrix.ts has every request meet all of them. */
const changes = Array.from({ length: 15 }, (_, change) => change);

describe.each(fates.map((one, index) => ({ ...one, index })))("when a request $name", ({ fate, index }) => {
  it.each(changes.filter((change) => change % fates.length === index))(
    "a second apply reaches the goal, change %i",
    (change) => applyTwice(bench.current, { method: "POST" }, fate, change),
  );
});
