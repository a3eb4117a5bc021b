import type * as v from "valibot";
import { isSameMac, type Keys } from "./keys.ts";

/** The one key under which attributes hold a record. */
export const RECORD_KEY = "parley";

/** A kind of record: what it is for, and its schema. */
export interface RecordKind<Value> {
  readonly purpose: string;
  readonly schema: v.GenericSchema<unknown, Value>;
}

/** Defines a kind of record. Its purpose is part of what is signed, so that one kind cannot stand for another. */
export const record = <Value>(
  purpose: string,
  schema: v.GenericSchema<unknown, Value>,
): RecordKind<Value> => ({ purpose, schema });

const VERSION = "1";
/** Version, key id, MAC, and JSON text, which is an object. */
const FORM = /^1\.([\w-]{6})\.([\w-]{22})\.(\{.*\})$/s;

/** What a text turned out to be. `foreign`: signed with a key that is none of ours. `forged`: not signed by us at this place. */
export type Opened =
  | { readonly is: "none" | "foreign" | "forged" }
  | { readonly is: "ours"; readonly purpose: string; readonly value: unknown };

/**
 * Signs a record. The MAC covers the very characters of its JSON text, and where it belongs, so it survives clients that
 * write attributes anew, and is worth nothing elsewhere.
 *
 * @param place Where it belongs: the kind of place, and what names it.
 */
export function sealRecord(keys: Keys, purpose: string, place: readonly string[], value: object): string {
  const json = JSON.stringify({ ...value, is: purpose });
  const { id } = keys.first;
  return `${VERSION}.${id}.${keys.first.mac("record", [VERSION, id, ...place, json])}.${json}`;
}

/** Reads a record that may stand at any of these places. */
export function openRecord(keys: Keys, text: unknown, places: readonly (readonly string[])[]): Opened {
  if (text === undefined) return { is: "none" };
  const [, id = "", mac = "", json = ""] = typeof text === "string" ? (FORM.exec(text) ?? []) : [];
  if (json === "") return { is: "forged" };
  const key = keys.byId.get(id);
  if (key === undefined) return { is: "foreign" };
  if (!places.some((place) => isSameMac(key.mac("record", [VERSION, id, ...place, json]), mac))) {
    return { is: "forged" };
  }
  const { is: purpose, ...value } = JSON.parse(json) as Record<string, unknown>;
  return { is: "ours", purpose: String(purpose), value };
}
