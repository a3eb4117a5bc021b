import { describe, expect, it } from "vitest";
import { hostOf } from "../../core/twilio/account.ts";
import { checkTypes, checkVariables } from "../../core/twilio/template-checks.ts";

describe("the base URLs of Twilio's APIs", () => {
  it.each([
    ["conversations", {}, "conversations"],
    ["mcs.us1", {}, "mcs.us1"],
    ["conversations", { TWILIO_REGION: "ie1" }, "conversations.ie1"],
    ["conversations", { TWILIO_EDGE: "sydney" }, "conversations.sydney.us1"],
    ["content", { TWILIO_REGION: "au1", TWILIO_EDGE: "sydney" }, "content.sydney.au1"],
    ["mcs.us1", { TWILIO_REGION: "ie1", TWILIO_EDGE: "dublin" }, "mcs.dublin.ie1"],
  ])("for %s with %j is %s", (product, env, host) => {
    expect(hostOf(product, env)).toBe(host);
  });
});

describe("the check of a template", () => {
  const code = (check: () => void) => {
    try {
      check();
      return "passes";
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };

  it.each([
    [["twilio/text"], true, "passes"],
    [["twilio/quick-reply", "twilio/text"], true, "passes"],
    [["twilio/list-picker"], false, "passes"],
    [["twilio/list-picker", "twilio/text"], true, "template_type_needs_window"],
    [["twilio/location"], true, "template_type_needs_window"],
    [["twilio/carousel"], false, "template_type_unsupported"],
    [[], false, "template_type_unsupported"],
  ])("of types %j, outside the window: %s, returns %s", (types, needsApproval, expected) => {
    const given = Object.fromEntries(types.map((type) => [type, {}]));
    expect(code(() => checkTypes(given, "contentSid", needsApproval))).toBe(expected);
  });

  const types = { "twilio/text": { body: "{{1}} and {{ 2 }} " } };
  it.each([
    [{ "1": "a", "2": "b" }, "passes"],
    [{ "1": "a    b", "2": "ä" }, "passes"],
    [{ "1": "a" }, "template_variables_missing"],
    [{ "1": "a", "2": "b", "3": "c" }, "template_variables_unknown"],
    [{ "1": "a", "2": " " }, "template_variable_invalid"],
    [{ "1": "a", "2": "b\rc" }, "template_variable_invalid"],
    [{ "1": "a".repeat(600), "2": "b".repeat(600) }, "template_too_long"],
  ])("of variables %j returns %s", (variables, expected) => {
    expect(code(() => checkVariables({ types, defaults: {} }, variables, "contentVariables"))).toBe(expected);
  });

  it("uses default values for omitted variables", () => {
    expect(code(() => checkVariables({ types, defaults: { "2": "b" } }, { "1": "a" }, "v"))).toBe("passes");
  });
});
