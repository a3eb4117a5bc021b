import { Collection, type Member } from "../domain/collection.ts";

/**
 * One step in rebuilding a graph of objects. An object has a number, its ref, whose remainder by four is its kind.
 * - `["#", index, names, unstored]` a shape
 * - `["=", ref, shape, ...values]` all fields of a plain object; `["=", ref, nextSeq]` an empty container
 * - `["+", ref, value]` an entry of a set or a member; `["+", ref, value, key]` an entry of a map; `["+", ref, value, key, 1]`
 *   the new value of an entry
 * - `["-", ref, value]` an entry of a set or a member is removed; `["-", ref, key]` an entry of a map
 *
 * A value is JSON. Arrays stand for other values: `[]` undefined, `[ref]` an object, `["…"]` bytes in Base64, `[[…]]` an array.
 */
export type Op = readonly [sign: "#" | "=" | "+" | "-", ref: number, ...content: unknown[]];

/** What a ref's remainder by four means. */
export const kinds = { plain: 0, map: 1, set: 2, collection: 3 } as const;

/** The entries of a container; none for another object. */
export function* entriesOf(object: object): Generator<readonly [value: unknown, key: unknown]> {
  if (object instanceof Map) for (const [key, value] of object) yield [value, key];
  else if (object instanceof Set) for (const value of object) yield [value, undefined];
  else if (object instanceof Collection)
    for (const member of (object as Collection<Member>).values()) yield [member, undefined];
}
