import type { GenericSchema } from "valibot";
import type { FieldRule } from "../../core/field-rules.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import type { JsonSchema } from "./json-schema.ts";

/** A schema of valibot's, or a step in its pipe, as far as we look into it. */
export interface Piece {
  readonly kind: string;
  readonly type: string;
  readonly pipe?: readonly Piece[];
  readonly entries?: Readonly<Record<string, Piece>>;
  readonly options?: readonly unknown[];
  readonly wrapped?: Piece;
  readonly item?: Piece;
  readonly key?: Piece;
  readonly value?: Piece;
  readonly requirement?: unknown;
  readonly message?: unknown;
  readonly default?: unknown;
}

/** The fields of an input, in order. */
export const fieldsOf = (input: GenericSchema): [name: string, field: Piece][] =>
  Object.entries((input as Piece).entries ?? {});

/** Whether a field may be left out. */
export const isOptional = ({ type }: Piece): boolean => type === "optional";

/** Whether fields that it does not name are refused. */
export const isClosed = ({ type }: GenericSchema): boolean => type === "strict_object";

/**
 * What may come in by a schema of valibot's, as JSON Schema. What a schema checks after it has changed the value is left
 * out: it may take less than this says. It takes more in one respect alone, the blanks around a text, which it cuts off.
 *
 * @throws for a kind of schema that none of ours has had yet.
 */
export function toJsonSchema(piece: Piece): JsonSchema {
  if (piece.pipe === undefined) return ofOne(piece);
  const rules = rulesOf(piece);
  if (rules.length > 0) return { ...ofOne(piece), allOf: rules.flatMap(({ rule }) => schemasOfRule(rule)) };
  const [first, ...steps] = piece.pipe;
  if (first === undefined) return {};
  let schema = toJsonSchema(first);
  for (const step of steps) {
    if (step.kind === "transformation" && step.type !== "trim") {
      return step.type === "parse_json" ? { ...schema, contentMediaType: "application/json" } : schema;
    }
    schema = narrowed(schema, step);
  }
  return schema;
}

/** The rules about which fields are given together, each with the message for who breaks it. */
export const rulesOf = ({ pipe = [] }: Piece): { readonly rule: FieldRule; readonly message: string }[] =>
  pipe.flatMap(({ requirement, message }) =>
    typeof requirement === "function" && "kind" in requirement
      ? [{ rule: requirement as unknown as FieldRule, message: String(message) }]
      : [],
  );

function schemasOfRule({ kind, fields }: FieldRule): JsonSchema[] {
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

function ofOne(piece: Piece): JsonSchema {
  const { wrapped, item, key, value, entries = {}, options = [] } = piece;
  switch (piece.type) {
    case "string":
    case "number":
    case "boolean":
      return { type: piece.type };
    case "unknown":
      return {};
    case "picklist":
      return { type: "string", enum: options };
    case "union":
      return { anyOf: (options as readonly Piece[]).map(toJsonSchema) };
    case "optional":
      return omitUndefined({
        ...(wrapped && toJsonSchema(wrapped)),
        default: isShown(piece) ? piece.default : undefined,
      });
    case "array":
      return omitUndefined({ type: "array", items: item && toJsonSchema(item) });
    case "record":
      return omitUndefined({
        type: "object",
        propertyNames: key?.pipe && toJsonSchema(key),
        additionalProperties: value && value.type !== "unknown" ? toJsonSchema(value) : undefined,
      });
    case "strict_object":
    case "object":
    case "loose_object": {
      const required = Object.keys(entries).filter((name) => !isOptional(entries[name] ?? piece));
      return omitUndefined({
        type: "object",
        properties: Object.fromEntries(
          Object.entries(entries).map(([name, field]) => [name, toJsonSchema(field)]),
        ),
        required: required.length > 0 ? required : undefined,
        additionalProperties: piece.type === "strict_object" ? false : undefined,
      });
    }
    default:
      throw new Error(`tools/reference/schema.ts does not know valibot's ${piece.type} yet. Teach it.`);
  }
}

/** Whether a field's default says something: nothing is the same as an empty list or object. */
export const isShown = (piece: Piece): boolean =>
  ["string", "number", "boolean"].includes(typeof piece.default);

/** What is left of a schema's values after one more check. A choice is narrowed where one of its kinds is concerned. */
function narrowed(schema: JsonSchema, step: Piece): JsonSchema {
  if (schema.anyOf) return { ...schema, anyOf: schema.anyOf.map((one) => narrowed(one, step)) };
  if (step.kind === "schema") {
    const next = toJsonSchema(step);
    return schema.type === undefined || next.type === schema.type ? { ...schema, ...next } : schema;
  }
  return { ...schema, ...limitOf(schema, step) };
}

function limitOf({ type }: JsonSchema, { type: check, requirement }: Piece): JsonSchema {
  if (check === "integer") return type === "number" ? { type: "integer" } : {};
  if (type !== "string") return {};
  if (typeof requirement === "number") {
    if (check === "min_length") return { minLength: requirement };
    if (check === "max_length") return { maxLength: requirement };
  }
  return requirement instanceof RegExp && requirement.flags === "" ? { pattern: requirement.source } : {};
}
