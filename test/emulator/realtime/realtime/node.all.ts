import * as older from "twilio-conversations-2.4";
import * as newer from "twilio-conversations-2.7";
import { describe, it } from "vitest";
import { useAccount } from "../../support/emulator.ts";
import { nodeContext, type Sdk } from "../../support/sdk.ts";
import { suite } from "../suite/all.ts";

const fixture = useAccount();
// Each version has its own types for the same classes.
const versions = [
  ["2.7.0", newer as unknown as Sdk],
  ["2.4.0-rc.0", older as unknown as Sdk],
] as const;

describe.each(versions)("the SDK %s in Node", (_, sdk) => {
  describe.each(Object.entries(suite))("for %s,", (_section, scenarios) => {
    it.each(Object.entries(scenarios))("%s", async (_name, run) => {
      const { context, close } = nodeContext(fixture.current, sdk);
      await run(context).finally(close);
    });
  });
});
