import { describe, expect, it } from "vitest";
import { useAccount } from "../support/emulator.ts";
import { contextOf, notesOf, run, says, state, stepsOf } from "./flow.ts";

const fixture = useAccount();

describe("templates", () => {
  it.each([
    ["{{flow.data.unset}}{{widgets.none.parsed.x}}", ""],
    ["{% if flow.variables.x %}yes{% else %}no{% endif %}", "no"],
    ["{% for i in (1..40) %}{{i}}{% endfor %}", "123456789101112131415"],
    ["{% for i in (1..40) limit: 2 %}{{i}}{% endfor %}", "12"],
    ["{{flow.data.items | to_json}}", '["a","b"]'],
    ["{{flow.data.items | join: '-' | upcase}}", "A-B"],
    ["{{'now' | date: '%Y-%m-%d %H:%M'}}", "2026-01-05 02:00"],
    ["{{flow.data.constructor}}{{flow.data.items.first}}", "a"],
  ])("%s", async (value, expected) => {
    const variables = [{ key: "result", value, type: "string" }];
    const items = ["a", "b"];
    const flowSid = await run(fixture.current, { items }, state("set", "set-variables", { variables }));
    expect((await contextOf(fixture.current, flowSid)).flow?.variables).toEqual({ result: expected });
  });

  it("that are broken end the execution, with the reason", async () => {
    const flowSid = await run(fixture.current, {}, says("say", "{% if %}"));
    expect(await stepsOf(fixture.current, flowSid)).toEqual(["Trigger: incomingRequest > say"]);
    expect((await notesOf(fixture.current)).join()).toMatch(/^say: /);
  });
});
