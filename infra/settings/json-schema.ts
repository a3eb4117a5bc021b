import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { declaredVariables } from "./declared.ts";
import { jsonPartOf, jsonTypeOf } from "./texts.ts";

/** The JSON Schema of `settings.json`, for editors, relative to the root. Checks that need code are made by the commands only. */
export const settingsSchemaFile = "infra/settings/settings.schema.json";

/** Its text, generated from the handlers' schemas. */
export async function settingsJsonSchema(): Promise<string> {
  const properties = [...(await declaredVariables())]
    .filter(([, { kind }]) => kind === "setting")
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { schemas, description }]) => [name, { description, anyOf: formsOf(schemas) }] as const);
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    properties: { $schema: { type: "string" }, ...Object.fromEntries(properties) },
    additionalProperties: false,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Any setting may also be text, as a variable is, or null. */
function formsOf(schemas: readonly v.GenericSchema[]): readonly object[] {
  const parts = schemas.flatMap((schema) => jsonPartOf(schema) ?? []).map(jsonSchemaOf);
  const distinct = [...new Map(parts.map((part) => [JSON.stringify(part), part])).values()];
  const [first, ...more] = distinct;
  const form = more.length === 0 ? first : { allOf: distinct };
  return [...(form ? [form] : []), ...[jsonTypeOf(schemas) ?? []].flat(), { type: ["string", "null"] }];
}

function jsonSchemaOf(schema: v.GenericSchema): object {
  const { $schema: _version, ...rest } = toJsonSchema(schema, { errorMode: "ignore", typeMode: "input" });
  return rest;
}
