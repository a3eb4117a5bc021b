import { describe, expect, it } from "vitest";
import { useAccount } from "../../support/emulator.ts";
import { contextOf, run, state } from "../flow.ts";

const fixture = useAccount();

describe("set-variables", () => {
  it("stores texts, numbers and JSON, each available to the next", async () => {
    const variables = [
      { key: "count", value: "{{flow.data.count | plus: 1}}" },
      { key: "phone", value: "+15550001" },
      { key: "text", value: "7", type: "string" },
      { key: "list", value: '["a","b"]', parse_as_json: true },
      { key: "null", value: "null", parse_as_json: true },
      { key: "twice", value: "{{flow.variables.count | times: 2}}" },
      { key: "__proto__", value: "own" },
    ];
    const flowSid = await run(fixture.current, { count: "41" }, state("set", "set-variables", { variables }));
    const set = { count: 42, phone: "+15550001", text: "7", list: ["a", "b"], null: "", twice: 84 };
    const context = await contextOf(fixture.current, flowSid);
    expect(context.flow?.variables).toMatchObject(set);
    expect(Object.entries(context.widgets?.set ?? {})).toContainEqual(["__proto__", "own"]);
  });
});
