import { isDeepStrictEqual } from "node:util";
import { parseDuration } from "../../core/duration.ts";
import type { Form, Resource } from "./api.ts";

/** One field that differs. */
export interface Difference {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** One change from the account's state to that of the file. */
export interface Change {
  readonly action: "create" | "update" | "delete";
  /** "the role agent of the service Parley" */
  readonly subject: string;
  readonly differences: readonly Difference[];
  /** Makes the change. Idempotent. */
  readonly run: () => Promise<unknown>;
}

/** Whether it removes something: it deletes a resource, or empties a URL that was set. */
export function takesAway({ action, differences }: Change): boolean {
  return (
    action === "delete" ||
    differences.some(({ field, from, to }) => /Url$/.test(field) && isEmpty(to) && !isEmpty(from))
  );
}

const isEmpty = (value: unknown) => value === undefined || value === null || value === "";

/** The fields of a section of the file by their path: "newMessage.withMedia.enabled". */
export function flatten(section: object, prefix = ""): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [key, value] of Object.entries(section)) {
    if (value === undefined) continue;
    const path = prefix + key;
    if (typeof value !== "object" || value === null || Array.isArray(value)) flat.set(path, value);
    else for (const [inner, one] of flatten(value, `${path}.`)) flat.set(inner, one);
  }
  return flat;
}

/** The fields whose current value differs from the wanted one. */
export function differencesOf(wanted: ReadonlyMap<string, unknown>, actual: Resource): Difference[] {
  return [...wanted].flatMap(([field, to]) => {
    const from = valueAt(actual, field);
    return isSame(field, from, to) ? [] : [{ field, from, to }];
  });
}

/** The same fields as the parameters of a form: "NewMessage.WithMedia.Enabled". */
export function formOf(fields: Iterable<readonly [string, unknown]>): Form {
  return Object.fromEntries(
    [...fields].map(([field, value]) => [
      pascal(field),
      Array.isArray(value) ? (value.length === 0 ? "" : value) : String(value),
    ]),
  );
}

/** The form with only the fields that differ. */
export const formOfDifferences = (differences: readonly Difference[]): Form =>
  formOf(differences.map(({ field, to }) => [field, to] as const));

/** The value of a field in Twilio's answer. */
export function valueAt(resource: Resource, field: string): unknown {
  let value: unknown = resource;
  for (const key of field.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = new Map<string, unknown>(Object.entries(value)).get(snake(key));
  }
  return value;
}

/** Normalizes a value: Twilio writes methods in either case, sorts lists differently, and shows absent values as null or "". */
export function isSame(field: string, from: unknown, to: unknown): boolean {
  if (isEmpty(from) && isEmpty(to)) return true;
  if (Array.isArray(to)) return isDeepStrictEqual(sorted(from), sorted(to));
  if (/timer$/i.test(field)) return isDeepStrictEqual(parseDuration(String(from)), parseDuration(String(to)));
  if (/method$/i.test(field) || typeof to === "boolean")
    return String(from ?? false).toLowerCase() === String(to).toLowerCase();
  return String(from) === String(to);
}

const sorted = (list: unknown): unknown[] => (Array.isArray(list) ? [...list].sort() : []);
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const pascal = (path: string) =>
  path.replace(/(^|\.)([a-z])/g, (_, dot: string, letter: string) => dot + letter.toUpperCase());
