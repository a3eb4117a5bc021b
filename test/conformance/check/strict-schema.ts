import { isObject } from "./json.ts";
import { type Schema, schemaName } from "./specification.ts";

/** The values that the examples of a specification have for each named schema, wherever it is used. */
export type Samples = Map<unknown, unknown[]>;

/** Adds to `into` what `sample`, an example of `node`, has for `node` and the schemas inside it. */
export function collectSamples(node: Schema, sample: unknown, into: Samples): void {
  const name = node[schemaName];
  if (name !== undefined) into.set(name, [...(into.get(name) ?? []), sample]);
  if (Array.isArray(sample) && isObject(node.items))
    for (const element of sample) collectSamples(node.items, element, into);
  if (!isObject(sample) || !isObject(node.properties)) return;
  for (const [key, property] of Object.entries(node.properties))
    if (key in sample) collectSamples(property as Schema, sample[key], into);
}

/**
 * Turns a response schema of OpenAPI 3.0 into a JSON Schema that is as strict as the specification
 * allows. `local` are the values of examples at this location; they, or those of the schema's name in `all`,
 * complete the schema:
 *
 * - a key that every example has is required, and one that is neither declared nor in an example is rejected;
 * - objects and values without a schema must be as in an example;
 * - a URL of the API must have the path of an example, with any SIDs;
 * - if an example contradicts the schema, both are accepted.
 */
export function strictSchema(node: Schema, local: readonly unknown[], all: Samples): Schema {
  const samples = all.get(node[schemaName]) ?? local;
  const present = samples.filter((sample) => sample !== null && sample !== undefined);
  const schema = presentSchema(node, present, all);
  return node.nullable === true || samples.includes(null) ? { anyOf: [{ type: "null" }, schema] } : schema;
}

function presentSchema(node: Schema, samples: readonly unknown[], all: Samples): Schema {
  const { type, properties, items, additionalProperties } = node;
  if (isObject(properties)) return objectSchema(properties, samples, all);
  if (isObject(items)) return arraySchema(items, samples, all);
  if (isObject(additionalProperties)) {
    const values = samples.filter(isObject).flatMap((sample) => Object.values(sample));
    return { type: "object", additionalProperties: strictSchema(additionalProperties, values, all) };
  }
  if (typeof type === "string" && type !== "object" && type !== "array")
    return scalarSchema(node, type, samples);
  return inferredSchema(samples, type, all);
}

function objectSchema(properties: Schema, samples: readonly unknown[], all: Samples): Schema {
  const objects = samples.filter(isObject);
  const names = [...new Set([...Object.keys(properties), ...objects.flatMap(Object.keys)])];
  const entries = names.map((name) => {
    const values = objects.filter((object) => name in object).map((object) => object[name]);
    return [name, strictSchema((properties[name] ?? {}) as Schema, values, all)];
  });
  return {
    type: "object",
    properties: Object.fromEntries(entries),
    required: names.filter((name) => objects.every((object) => name in object)),
    additionalProperties: false,
  };
}

function arraySchema(items: Schema, samples: readonly unknown[], all: Samples): Schema {
  return { type: "array", items: strictSchema(items, samples.filter(Array.isArray).flat(), all) };
}

/** The schema of a location by its examples. Without an example any value of the declared type is valid. */
function inferredSchema(samples: readonly unknown[], type: unknown, all: Samples): Schema {
  if (samples.length === 0) return type === undefined ? {} : { type };
  const choices = [...new Set(samples.map(typeOf))].map((kind) => {
    const alike = samples.filter((sample) => typeOf(sample) === kind);
    // An empty example does not mean that the value is always empty.
    if (kind === "object" && alike.every(isEmpty)) return { type: "object" };
    if (kind === "object") return objectSchema({}, alike, all);
    if (kind === "array") return arraySchema({}, alike, all);
    return scalarSchema(kind === "string" ? inferText(alike as string[]) : {}, kind, alike);
  });
  return choices.length === 1 ? (choices[0] ?? {}) : { anyOf: choices };
}

function inferText(samples: readonly string[]): Schema {
  const prefix = samples[0]?.slice(0, 2);
  if (samples.every((sample) => anySid.test(sample) && sample.startsWith(prefix ?? "")))
    return { pattern: `^${prefix}[0-9a-fA-F]{32}$` };
  if (samples.every(isDateTime)) return { format: "date-time" };
  return {};
}

function scalarSchema(node: Schema, type: string, samples: readonly unknown[]): Schema {
  const types = [...new Set([type, ...samples.map(typeOf)])];
  // An integer is a number: a validator with both types would report two errors.
  const schema: Record<string, unknown> = {
    type: types.includes("number") ? types.filter((t) => t !== "integer") : types,
  };
  const texts = samples.filter((sample) => typeof sample === "string");
  if (Array.isArray(node.enum)) schema.enum = [...new Set([...node.enum, ...samples])];
  if (
    typeof node.pattern === "string" &&
    texts.every((text) => new RegExp(node.pattern as string).test(text))
  )
    schema.pattern = node.pattern;
  const format = typeof node.format === "string" ? formats[node.format] : undefined;
  if (format !== undefined && texts.every(format)) schema.format = node.format;
  const paths = texts.filter((text) => apiUrl.test(text)).map(urlPattern);
  if (texts.length > 0 && paths.length === texts.length)
    schema.pattern = `^(${[...new Set(paths)].join("|")})$`;
  for (const limit of ["minLength", "maxLength", "minimum", "maximum"])
    if (typeof node[limit] === "number") schema[limit] = node[limit];
  return schema;
}

/** The formats of Twilio's specifications that are checked; others are ignored. */
export const formats: Readonly<Record<string, (text: string) => boolean>> = {
  "date-time": isDateTime,
  "date-time-rfc-2822": (text) =>
    /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000$/.test(text),
  uri: (text) => URL.canParse(text),
};

/** Twilio's format: in UTC, to the second or finer. */
function isDateTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) && !Number.isNaN(Date.parse(text));
}

const anySid = /^[A-Z]{2}[0-9a-f]{32}$/i;
const apiUrl = /^https:\/\/[a-z]+\.twilio\.com\/v\d+\//;

/** The regular expression for every URL with the path of this one, with any SIDs and any query. */
function urlPattern(sample: string): string {
  const [path = "", query] = sample.split("?");
  const escaped = path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return `${escaped.replace(/([A-Z]{2})[0-9a-f]{32}/g, "$1[0-9a-fA-F]{32}")}${query === undefined ? "" : "\\?.*"}`;
}

/** The JSON type of a value, with integers as a separate type. */
function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (value === null) return "null";
  return Number.isInteger(value) ? "integer" : typeof value;
}

function isEmpty(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}
