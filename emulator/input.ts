import * as v from "valibot";
import { parseIsoDuration } from "./dates.ts";

/** A mistake in an input. `field` is its path, such as `match.event` or `users[1].sid`; empty for the whole input. */
export class InputError extends Error {
  readonly field: string;
  readonly #reason: string;

  constructor(field: string, reason: string) {
    super(field === "" ? reason : `${field}: ${reason}`);
    this.name = "InputError";
    this.field = field;
    this.#reason = reason;
  }

  /** The same mistake in a larger input that has this one at `path`. */
  within(path: string): InputError {
    return new InputError(this.field === "" ? path : `${path}.${this.field}`, this.#reason);
  }
}

/**
 * Reads an input by its schema. Throws an {@link InputError} for the first mistake; an unknown field comes before all
 * others, because a misspelt name explains that another one is missing.
 *
 * @param path of the input in a larger one
 */
export function readInput<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  path = "",
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const { issues } = result;
  const issue = issues.find(isUnknownField) ?? issues[0];
  throw new InputError(pathOf(issue, path), reasonOf(issue));
}

/** Text of at least one character. */
export const text = v.pipe(v.string("must be text"), v.nonEmpty("must be text"));

export const flag = v.boolean("must be true or false");

/** An ISO 8601 duration without months and years; the output is in milliseconds. */
export const duration = v.pipe(
  text,
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const ms = parseIsoDuration(dataset.value);
    if (ms !== undefined) return ms;
    addIssue({ message: 'must be an ISO 8601 duration such as "PT24H" or "P1D"' });
    return NEVER;
  }),
);

/** A JSON object; Valibot's own schemas of objects accept lists, too. */
export const jsonObject = v.pipe(
  v.unknown(),
  v.check(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    "must be a JSON object",
  ),
);

/** A JSON object with these fields and no others. */
export function closed<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.pipe(jsonObject, strict(entries));
}

/**
 * The same for a member of a variant.
 *
 * @param others known fields that are read elsewhere
 */
export function strict<const Entries extends v.ObjectEntries>(
  entries: Entries,
  others: readonly string[] = [],
) {
  const known = [...others, ...Object.keys(entries)].join(", ") || "none";
  return v.strictObject(entries, (issue) =>
    issue.expected === "never" ? `unknown field; known are ${known}` : "is required",
  );
}

/** A JSON object with any fields whose values fit the schema, as a map. */
export function mapOf<Value extends v.GenericSchema>(value: Value) {
  return v.pipe(
    jsonObject,
    v.transform((object) => new Map<unknown, unknown>(Object.entries(object ?? {}))),
    v.map(v.string(), value),
  );
}

/** A field that may be missing or null; the output is undefined then. */
export function optional<Schema extends v.GenericSchema>(schema: Schema) {
  return v.pipe(
    v.nullish(schema),
    v.transform((value) => value ?? undefined),
  );
}

export function oneOf<const Values extends readonly string[]>(values: Values) {
  return v.picklist(values, `must be one of ${values.join(", ")}`);
}

/** A whole number within the bounds. */
export function integer(lowest: number, highest: number) {
  const message = `must be a whole number from ${lowest} to ${highest}`;
  return v.pipe(
    v.number(message),
    v.integer(message),
    v.minValue(lowest, message),
    v.maxValue(highest, message),
  );
}

/** A list of anything that fits the schema. */
export function listOf<Schema extends v.GenericSchema>(schema: Schema) {
  return v.array(schema, "must be a list");
}

/** A list whose members all pass; a mistake in any of them is one of the list. */
export function listOfEvery<Member>(passes: (member: unknown) => boolean, message: string) {
  return v.custom<Member[]>((list) => Array.isArray(list) && list.every(passes), message);
}

/** One text, or a list of one or more; the output is a list. */
export const texts = v.pipe(
  v.unknown(),
  v.transform((value) => (Array.isArray(value) ? value : [value])),
  v.custom<string[]>(
    (list) => Array.isArray(list) && list.length > 0 && list.every((member) => v.is(text, member)),
    "must be text, or a list of texts",
  ),
);

function isUnknownField({ type, expected }: v.BaseIssue<unknown>): boolean {
  return type === "strict_object" && expected === "never";
}

function reasonOf({ type, input, expected, message }: v.BaseIssue<unknown>): string {
  if (input === undefined || input === null) return "is required";
  if (type === "variant") return `must be one of ${expected?.replace(/[()"]/g, "").replaceAll(" | ", ", ")}`;
  return message;
}

/** Valibot's path as it is written in JavaScript: `users[1].sid`. */
function pathOf({ path }: v.BaseIssue<unknown>, prefix: string): string {
  let text = prefix;
  for (const { type, key } of path ?? []) {
    if (type === "array") text += `[${key}]`;
    else text += text === "" ? key : `.${key}`;
  }
  return text;
}
