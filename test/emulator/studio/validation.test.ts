import { describe, expect, it } from "vitest";
import { validateDefinition } from "../../../emulator/studio/validation.ts";
import { useAccount } from "../support/emulator.ts";
import { asks, flowOf, says, state } from "./flow.ts";

const fixture = useAccount();

/** The whole flow with one state more. */
function errorsOf(type: string, properties: object, transitions: object[] = []) {
  return validateDefinition(
    flowOf(says("say", "Hello"), { name: "odd", type, properties: { ...properties }, transitions }),
  );
}

describe("a definition", () => {
  it("is refused with all that is wrong with it, and where", async () => {
    const account = fixture.current;
    const definition = JSON.stringify(
      flowOf({ ...asks("ask", "Well?"), properties: { from: 5, timeout: 3600 } }),
    );
    const form = new URLSearchParams({
      FriendlyName: "Odd",
      Status: "published",
      Definition: definition,
    }).toString();
    const { status, body } = await account.rest("POST", "/v2/Flows/Validate", form);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      message: "Flow definition contains errors",
      details: {
        errors: [
          { property_path: "#/states/1/properties/from", message: "integer found, string expected" },
          { property_path: "#/states/1/properties/timeout", message: "integer found, string expected" },
        ],
      },
    });
  });

  it.each([
    [
      "an unknown type",
      errorsOf("send-fax", {}),
      "type",
      /^does not have a value in the enumeration \[trigger, /,
    ],
    ["a missing property", errorsOf("send-message", {}), "properties/from", "is missing but it is required"],
    ["null", errorsOf("send-message", { from: null }), "properties/from", "must not be null"],
    [
      "a boolean",
      errorsOf("send-message", { from: "a", body: true }),
      "properties/body",
      "boolean found, string expected",
    ],
    [
      "text for a flag",
      errorsOf("make-http-request", { url: "u", add_twilio_auth: "yes" }),
      "properties/add_twilio_auth",
      "string found, boolean expected",
    ],
    [
      "an unknown property",
      errorsOf("set-variables", { variable: [] }),
      "properties/variable",
      /^is not defined in the schema/,
    ],
    [
      "a foreign event",
      errorsOf("set-variables", {}, [{ event: "done" }]),
      "transitions/0/event",
      "must be a constant value next",
    ],
    [
      "a missing state",
      errorsOf("set-variables", {}, [{ event: "next", next: "x" }]),
      "transitions/0/next",
      "there is no state x",
    ],
    [
      "Liquid for a flow",
      errorsOf("run-subflow", { flow_sid: "{{a}}", flow_revision: "1" }),
      "properties/flow_sid",
      "must be a valid, non-liquid flow sid",
    ],
    [
      "a half condition",
      errorsOf("split-based-on", { input: "" }, [
        { event: "match", conditions: [{ friendly_name: "", arguments: [], type: "regex" }] },
      ]),
      "transitions/0/conditions/0/value",
      "is missing but it is required",
    ],
  ])("with %s", (_what, errors, path, message) => {
    const expected = typeof message === "string" ? message : expect.stringMatching(message);
    expect(errors).toEqual([{ property_path: `#/states/2/${path}`, message: expected }]);
  });

  it("reports an event once", () => {
    const errors = errorsOf("run-function", { url: "u" }, [{ event: "failed" }]);
    expect(errors.map(({ message }) => message)).toEqual([
      "must be a constant value success",
      "must be a constant value fail",
    ]);
  });

  it("begins conversations only where a request starts it", () => {
    const start = state("start", "start-conversation", { conversation_service_sid: "IS1", participants: [] });
    expect(
      validateDefinition(flowOf(says("say", "Hi", "start"), start)).map(({ message }) => message),
    ).toEqual(["start-conversation can only be used in flows triggered by the REST API"]);
  });

  it.each([
    [[], "#", "array found, object expected"],
    [{}, "#/initial_state", "is missing but it is required"],
    [{ ...flowOf(), flags: {} }, "#/flags/allow_concurrent_calls", "is missing but it is required"],
    [{ ...flowOf(), initial_state: "x" }, "#/initial_state", "there is no state x"],
    [
      { ...flowOf(), version: 1 },
      "#/version",
      "is not defined in the schema and the schema does not allow additional properties",
    ],
    [flowOf(says("a", "1"), says("a", "2")), "#/states/2/name", "the name a is used twice"],
  ])("%# is refused as a whole", (definition, property_path, message) => {
    expect(validateDefinition(definition)).toContainEqual({ property_path, message });
  });
});
