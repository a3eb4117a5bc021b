import * as sdk from "@twilio/conversations";
import { describe, it } from "vitest";
import { useBench } from "../support/emulator.ts";
import { nodeStage } from "../support/sdk.ts";
import { suite } from "./suite/all.ts";

const bench = useBench();

describe.each(Object.entries(suite))("the SDK in Node, for %s,", (_, scenarios) => {
  it.each(Object.entries(scenarios))("%s", async (_name, play) => {
    const { stage, close } = nodeStage(bench.current, sdk);
    await play(stage).finally(close);
  });
});
