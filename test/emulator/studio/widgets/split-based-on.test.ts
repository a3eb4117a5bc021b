import { describe, expect, it } from "vitest";
import { useAccount } from "../../support/emulator.ts";
import { notesOf, run, says, state, stepsOf, type TestState } from "../flow.ts";

const fixture = useAccount();

function split(type: string, value: string): TestState {
  const condition = { friendly_name: "one", arguments: ["{{flow.data.given}}"], type, value };
  return {
    ...state("split", "split-based-on", { input: "{{flow.data.given}}" }),
    transitions: [{ event: "noMatch" }, { event: "match", conditions: [condition] }],
  };
}

describe("split-based-on", () => {
  it.each([
    ["equal_to", " YES ", "yes", true],
    ["equal_to", "yes!", "yes", false],
    ["not_equal_to", "no", "yes", true],
    ["matches_any_of", "Yup", "yes, yeah ,yup", true],
    ["matches_any_of", "ye", "yes,yeah", false],
    ["does_not_match_any_of", "ye", "yes,yeah", true],
    ["contains", "aab", "A", true],
    ["does_not_contain", "aab", "ab", false],
    ["starts_with", " Hoot", "hoo", true],
    ["does_not_start_with", "owl", "hoo", true],
    ["is_blank", " \n", "", true],
    ["is_not_blank", "Twilio", "", true],
    ["regex", "6", "[1-5]", false],
    ["regex", "ABC-1", "[a-z]+-\\d", true],
    ["regex", "12", "1|2", false],
    ["greater_than", "900", "1000", false],
    ["greater_than", "b", "a", false],
    ["less_than", "9", "10", true],
    ["is_after_date", "2019-08-12", "2017-09-04", true],
    ["is_before_date", "2019-08-12", "2017-09-04", false],
    ["is_before_time", "17:00", "16:35", false],
    ["is_after_time", "17:00", "16:35", true],
    ["is_after_time", "5 pm", "16:35", false],
  ])("%s: %j and %j", async (type, given, value, expected) => {
    const flowSid = await run(fixture.current, { given }, split(type, value));
    expect(await stepsOf(fixture.current, flowSid)).toContain(
      `split: ${expected ? "match" : "noMatch"} > Ended`,
    );
  });

  it("takes the first branch that matches, and reports an invalid pattern", async () => {
    const account = fixture.current;
    const condition = (type: string, value: string) => [
      { friendly_name: "", arguments: ["yes"], type, value },
    ];
    const flowSid = await run(
      account,
      {},
      {
        ...state("split", "split-based-on", { input: "yes" }),
        transitions: [
          { event: "match", next: "first", conditions: condition("regex", "(") },
          { event: "noMatch" },
          { event: "match", next: "second", conditions: condition("equal_to", "yes") },
          { event: "match", next: "first", conditions: condition("contains", "e") },
        ],
      },
      says("first", "1"),
      says("second", "2"),
    );
    expect(await stepsOf(account, flowSid)).toContain("split: match > second");
    expect(await notesOf(account)).toEqual(['split: "(" is not a regular expression']);
  });
});
