import { describe, it } from "vitest";
import { useAccount } from "../../emulator/support/emulator.ts";
import { applyTwice, effects } from "./after-a-fault.ts";

const fixture = useAccount();
/** What the example changes. Each change meets one effect; faults.matrix.ts has every request meet all of them. */
const changes = Array.from({ length: 15 }, (_, change) => change);

describe.each(effects.map((one, index) => ({ ...one, index })))(
  "when a request $name",
  ({ effect, index }) => {
    it.each(changes.filter((change) => change % effects.length === index))(
      "a second apply reaches the goal, change %i",
      (change) => applyTwice(fixture.current, { method: "POST" }, effect, change),
    );
  },
);
