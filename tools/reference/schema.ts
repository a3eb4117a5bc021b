import {
  type JsonSchema as Converted,
  toJsonSchema as convert,
  type OverrideActionContext,
  type OverrideSchemaContext,
} from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import type { FieldRule } from "../../core/field-rules.ts";
import type { JsonSchema } from "./json-schema.ts";

/** A field of an endpoint's input. */
export interface InputField {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
}

/** The fields of an input, in order. */
export function fieldsOf(input: GenericSchema): InputField[] {
  const { properties = {}, required = [] } = toJsonSchema(input);
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    schema,
    isRequired: required.includes(name),
  }));
}

/**
 * The input of a Valibot schema as JSON Schema. Checks after a transformation are omitted, so the schema may accept more than
 * the endpoint. It accepts less only in one respect: white space around a text, which the endpoint trims.
 *
 * @throws for an unknown kind of schema.
 */
export function toJsonSchema(input: GenericSchema): JsonSchema {
  // The library's type also has `true` and `false` as schemas, which it does not use for those of the endpoints.
  return converted(input) as JsonSchema;
}

function converted(input: GenericSchema): Converted {
  const { $schema: _, ...schema } = convert(input, { typeMode: "input", overrideAction, overrideSchema });
  return schema;
}

/** Without an empty list of required fields, which says nothing. */
function overrideSchema({ jsonSchema }: OverrideSchemaContext): Converted | undefined {
  if (jsonSchema.required?.length !== 0) return undefined;
  const { required: _, ...schema } = jsonSchema;
  return schema;
}

/** The properties that are read of an action in a pipe. */
interface Action {
  readonly type: string;
  readonly metadata?: { readonly input?: GenericSchema };
  readonly requirement?: unknown;
}

/** Checks that need code. The description of the value says what they check. */
const INEXPRESSIBLE = ["check", "trim", "to_lower_case"];

function overrideAction({ valibotAction, jsonSchema, errors }: OverrideActionContext): Converted | undefined {
  const { type, metadata, requirement }: Action = valibotAction;
  // The library ends at the second schema of a pipe: `input` is that schema.
  if (metadata?.input !== undefined) return converted(metadata.input);
  const rule = ruleOf(valibotAction);
  if (rule !== undefined)
    return { ...jsonSchema, allOf: [...(jsonSchema.allOf ?? []), ...schemasOfRule(rule)] };
  // Patterns of JSON Schema are always Unicode.
  if (requirement instanceof RegExp && requirement.flags === "u")
    return { ...jsonSchema, pattern: requirement.source };
  // A number or its text: the limit is in the description.
  const isLimitOfUnion = errors !== undefined && jsonSchema.anyOf !== undefined;
  return INEXPRESSIBLE.includes(type) || isLimitOfUnion ? jsonSchema : undefined;
}

/** The rules about which fields are given together, each with its error message. */
export const rulesOf = ({ pipe = [] }: GenericSchema & { readonly pipe?: readonly object[] }) =>
  pipe.flatMap((action) => {
    const rule = ruleOf(action);
    return rule !== undefined && "message" in action ? [{ rule, message: String(action.message) }] : [];
  });

const ruleOf = (action: object): FieldRule | undefined =>
  "requirement" in action && typeof action.requirement === "function" && "kind" in action.requirement
    ? (action.requirement as unknown as FieldRule)
    : undefined;

type RuleSchema = Converted & { readonly dependentRequired?: Readonly<Record<string, string[]>> };

function schemasOfRule({ kind, fields }: FieldRule): RuleSchema[] {
  const [first = "", ...others] = fields;
  const each = fields.map((field) => ({ required: [field] }));
  switch (kind) {
    case "exactlyOne":
      return [{ oneOf: each }];
    case "atLeastOne":
      return [{ anyOf: each }];
    case "needs":
      return [{ dependentRequired: { [first]: others } }];
    case "together":
      return fields.map((field) => ({
        dependentRequired: { [field]: fields.filter((other) => other !== field) },
      }));
    case "excludes":
      return others.map((other) => ({ not: { required: [first, other] } }));
  }
}
