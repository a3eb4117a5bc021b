import type { GenericSchema } from "valibot";
import type { FieldRule } from "../../core/field-rules.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import type { JsonSchema } from "./json-schema.ts";

/** The properties that are read of a Valibot schema, or of an action in its pipe. */
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

/** Whether a field may be omitted. */
export const isOptional = ({ type }: Piece): boolean => type === "optional";

/** Whether unknown fields are rejected. */
export const isClosed = ({ type }: GenericSchema): boolean => type === "strict_object";

/**
 * The input of a Valibot schema as JSON Schema. Checks after a transformation are omitted, so the schema may accept less than
 * this says. It accepts more only in one respect: white space around a text, which it trims.
 *
 * @throws for an unknown kind of schema.
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

/** The rules about which fields are given together, each with its error message. */
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
      throw new Error(`tools/reference/schema.ts does not know Valibot's ${piece.type}. Add it there.`);
  }
}

/** Whether a field's default is shown: not if it is an empty list or object. */
export const isShown = (piece: Piece): boolean =>
  ["string", "number", "boolean"].includes(typeof piece.default);

/** A schema narrowed by one more check. In a union, each option that the check concerns is narrowed. */
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
