import { describe, it } from "vitest";
import { useAccount } from "../../../emulator/support/emulator.ts";
import { applyTwice, effects } from "./after-a-fault.ts";

const fixture = useAccount();
/** How many requests the example's plan and apply send; a fault that is never injected fails its test. */
const requests = Array.from({ length: 48 }, (_, request) => request);

describe.each(effects)("when a request $name", ({ effect }) => {
  it.each(requests)("a second apply completes, request %i", (request) =>
    applyTwice(fixture.current, {}, effect, request),
  );
});
