import { describe, it } from "vitest";
import { useAccount } from "../../../emulator/support/emulator.ts";
import { applyTwice, effects } from "./after-a-fault.ts";

const fixture = useAccount();
/** The example's changes, each with one fault; faults.matrix.ts injects every fault into every request. */
const changes = Array.from({ length: 15 }, (_, change) => change);

describe.each(effects.map((one, index) => ({ ...one, index })))(
  "when a request $name",
  ({ effect, index }) => {
    it.each(changes.filter((change) => change % effects.length === index))(
      "a second apply completes, change %i",
      (change) => applyTwice(fixture.current, { method: "POST" }, effect, change),
    );
  },
);
