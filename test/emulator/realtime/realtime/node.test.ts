import * as sdk from "@twilio/conversations";
import { describe, it } from "vitest";
import { useAccount } from "../../support/emulator.ts";
import { nodeContext } from "../../support/sdk.ts";
import { suite } from "../suite/all.ts";

const fixture = useAccount();

describe.each(Object.entries(suite))("the SDK in Node, for %s,", (_, scenarios) => {
  it.each(Object.entries(scenarios))("%s", async (_name, run) => {
    const { context, close } = nodeContext(fixture.current, sdk);
    await run(context).finally(close);
  });
});
