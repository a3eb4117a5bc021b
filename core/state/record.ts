import type * as v from "valibot";
import { isSameMac, type Keys } from "./keys.ts";

/** The key of a record in attributes. */
export const RECORD_KEY = "parley";

/** A kind of record: its purpose, and its schema. */
export interface RecordKind<Value> {
  readonly purpose: string;
  readonly schema: v.GenericSchema<unknown, Value>;
}

/** Defines a kind of record. Its purpose is part of what is signed, so that one kind cannot be used as another. */
export const record = <Value>(
  purpose: string,
  schema: v.GenericSchema<unknown, Value>,
): RecordKind<Value> => ({ purpose, schema });

const VERSION = "1";
/** Version, key id, MAC, and JSON text, which is an object. */
const FORM = /^1\.([\w-]{6})\.([\w-]{22})\.(\{.*\})$/s;

/** The result of reading a record. `foreign`: signed with a key of another deployment. `forged`: no valid signature for this location. */
export type Opened =
  | { readonly is: "none" | "foreign" | "forged" }
  | { readonly is: "ours"; readonly purpose: string; readonly value: unknown };

/**
 * Signs a record. The MAC covers the exact characters of its JSON text and its location, so it stays valid when clients
 * rewrite the attributes, and is invalid in any other location.
 *
 * @param location The kind of resource, and what identifies it.
 */
export function sealRecord(keys: Keys, purpose: string, location: readonly string[], value: object): string {
  const json = JSON.stringify({ ...value, is: purpose });
  const { id } = keys.first;
  return `${VERSION}.${id}.${keys.first.mac("record", [VERSION, id, ...location, json])}.${json}`;
}

/** Reads a record that may belong to any of these locations. */
export function openRecord(keys: Keys, text: unknown, locations: readonly (readonly string[])[]): Opened {
  if (text === undefined) return { is: "none" };
  const [, id = "", mac = "", json = ""] = typeof text === "string" ? (FORM.exec(text) ?? []) : [];
  if (json === "") return { is: "forged" };
  const key = keys.byId.get(id);
  if (key === undefined) return { is: "foreign" };
  if (!locations.some((location) => isSameMac(key.mac("record", [VERSION, id, ...location, json]), mac))) {
    return { is: "forged" };
  }
  const { is: purpose, ...value } = JSON.parse(json) as Record<string, unknown>;
  return { is: "ours", purpose: String(purpose), value };
}
