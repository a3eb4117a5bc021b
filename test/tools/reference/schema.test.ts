import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import type { FieldRule } from "../../../core/field-rules.ts";
import {
  attributes,
  contentVariables,
  sid,
  text,
  uniqueName,
  wholeNumber,
  wordList,
} from "../../../core/input.ts";
import { describeEndpoints } from "../../../tools/reference/description.ts";
import { rulesOf, toJsonSchema } from "../../../tools/reference/schema.ts";

const ajv = new Ajv2020({ allowUnionTypes: true, strictTypes: false });

/** Values of the kinds that fields accept, and any others. */
const values = fc.oneof(
  fc.constantFrom(
    "+15558675310",
    "whatsapp:+1 (555) 867-5310",
    "5 minutes",
    "PT5M",
    "off",
    "true",
    false,
    "7",
    7,
  ),
  fc.constantFrom("return", "web", "studio", "de", "pt-BR", "a, b", ["a", "b"], '{"1":"Robert"}', { "1": 2 }),
  fc.constantFrom(`CH${"0".repeat(32)}`, `HX${"a".repeat(32)}`, "https://example.com/a.png", "", "{}"),
  fc.string().map((value) => value.trim()),
  fc.jsonValue(),
);

describe("toJsonSchema", () => {
  let fields: [name: string, field: v.GenericSchema][];
  beforeAll(async () => {
    const { all } = await describeEndpoints();
    fields = all.flatMap(({ endpoint, handler }) =>
      Object.entries(
        (handler.input as v.GenericSchema & v.StrictObjectSchema<v.ObjectEntries, undefined>).entries,
      ).map(([name, field]): [string, v.GenericSchema] => [
        `${endpoint.name} ${name}`,
        field as v.GenericSchema,
      ]),
    );
  });

  it("accepts everything that the endpoints' own schemas accept", () => {
    const checks = fields.map(([name, field]) => ({
      name,
      field,
      validate: ajv.compile(toJsonSchema(field)),
    }));
    let taken = 0;
    fc.assert(
      fc.property(values, (value) => {
        for (const { name, field, validate } of checks) {
          if (value === undefined || !v.safeParse(field, value).success) continue;
          taken += 1;
          expect(
            validate(value),
            `${name}: ${JSON.stringify(value)}: ${ajv.errorsText(validate.errors)}`,
          ).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
    expect(taken).toBeGreaterThan(0);
  });

  it("describes fields that depend on each other as the endpoint does", async () => {
    const { all } = await describeEndpoints();
    const inputs = all.map(({ handler }) => handler.input).filter((input) => rulesOf(input).length > 0);
    expect(inputs.length).toBeGreaterThan(8);
    for (const input of inputs) {
      const rules = rulesOf(input).map(({ rule }) => rule as FieldRule & ((given: object) => boolean));
      const validate = ajv.compile({ allOf: toJsonSchema(input).allOf });
      const fields = [...new Set(rules.flatMap((rule) => rule.fields))];
      for (let subset = 0; subset < 2 ** fields.length; subset++) {
        const given = Object.fromEntries(
          fields.filter((_, index) => subset & (1 << index)).map((field) => [field, "x"]),
        );
        expect(validate(given), JSON.stringify(given)).toBe(rules.every((rule) => rule(given)));
      }
    }
  });

  it.each([
    ["a text that is too long", text(3), "long"],
    ["an empty text", text(3), ""],
    ["another kind of SID", sid("HX"), `CH${"0".repeat(32)}`],
    ["a path in a name", uniqueName(), "a/b"],
    ["half a number", wholeNumber(), 1.5],
    ["a number with a letter", wholeNumber(), "1a"],
    ["a list of numbers for words", wordList(), [1]],
    ["a list for variables", contentVariables(), []],
    ["a list for attributes", attributes(), ["a"]],
    ["a variable that is a list", contentVariables(), { "1": [] }],
    ["a field that is unknown", v.strictObject({ a: v.optional(text(3)) }), { b: "" }],
    ["a missing field", v.object({ a: text(3) }), {}],
    ["another choice", v.picklist(["a", "b"]), "c"],
  ])("rejects %s", (_what, schema, value) => {
    expect(v.safeParse(schema, value).success).toBe(false);
    expect(ajv.validate(toJsonSchema(schema), value)).toBe(false);
  });

  it("throws for an unknown kind of schema", () => {
    expect(() => toJsonSchema(v.date())).toThrow('The "date" schema cannot be converted');
  });
});
