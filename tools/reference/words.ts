import type { JsonSchema } from "./json-schema.ts";
import { code } from "./markdown.ts";

const TYPES: ReadonlyMap<unknown, string> = new Map([
  ["string", "text"],
  ["number", "a number"],
  ["boolean", "true or false"],
  ["object", "a JSON object"],
]);

/** A field's valid values in words, such as "text, up to 256 characters": the description of its schema, or its type. */
export function valuesOf({ description, enum: values, anyOf, items, type }: JsonSchema): string {
  if (description !== undefined) return description;
  if (values) return listOf(values.map((value) => code(String(value))));
  if (anyOf) return listOf([...new Set(anyOf.map(valuesOf))]);
  if (type === "array") return items ? `a list: ${valuesOf(items)}` : "a list";
  return TYPES.get(type) ?? "anything";
}

/** "a, b or c" */
export function listOf(items: readonly string[], word = "or"): string {
  const last = items.at(-1) ?? "";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} ${word} ${last}`;
}
