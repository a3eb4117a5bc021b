import { Collection } from "../domain/collection.ts";
import { asMember, RebuildError } from "./rebuild.ts";

/**
 * One step of versions 7 to 12. Objects have names that begin with their kind: `o`bject, `a`rray, `m`ap, s`e`t, `c`ollection.
 * - `["=", name, content]` the fields of an object, or the elements of an array; `["=", name, nextSeq]` an empty
 *   collection
 * - `["+", name, value]` an entry of a set or a member (in version 7 also an element of an array); `["+", name, value,
 *   key]` an entry of a map
 * - `["-", name, value]` an entry of a set or a member is removed; `["-", name, key]` an entry of a map
 */
type OldOp = readonly [sign: "=" | "+" | "-", name: string, content: unknown, key?: unknown];

/** Rebuilds a graph of objects from the steps of versions 7 to 12, applied in order. */
export class OldRebuild {
  readonly #objects = new Map<string, object>();
  #root: object | undefined;

  apply([sign, name, content, key]: OldOp): void {
    const object = this.#object(name);
    if (sign === "=") this.#fill(object, content);
    else if (sign === "+") this.#enter(object, this.#decode(content), this.#decode(key ?? null));
    else this.#remove(object, this.#decode(content));
    this.#root ??= object;
  }

  get isEmpty(): boolean {
    return this.#root === undefined;
  }

  /** The object of the first step. */
  root(): object {
    if (this.#root === undefined) throw new RebuildError("There is no state");
    return this.#root;
  }

  #fill(object: object, content: unknown): void {
    if (object instanceof Collection) object.skipTo(Number(content));
    else if (Array.isArray(object)) {
      object.length = 0;
      for (const value of asArray(content)) object.push(this.#decode(value));
    } else if (!(object instanceof Map || object instanceof Set)) {
      for (const field of asArray(content)) {
        const [name, value] = asArray(field);
        // Not an assignment: a caller's key may be __proto__.
        const property = { value: this.#decode(value), enumerable: true, configurable: true, writable: true };
        Object.defineProperty(object, String(name), property);
      }
    }
  }

  #enter(object: object, value: unknown, key: unknown): void {
    // Version 7 appended to arrays.
    if (Array.isArray(object)) object.push(value);
    else if (object instanceof Map) object.set(key, value);
    else if (object instanceof Set) object.add(value);
    else if (object instanceof Collection) object.add(asMember(value));
    else throw new RebuildError("An entry has no container");
  }

  #remove(object: object, value: unknown): void {
    if (object instanceof Map || object instanceof Set) object.delete(value);
    else if (object instanceof Collection) object.delete(asMember(value));
    else throw new RebuildError("An entry has no container");
  }

  #decode(value: unknown): unknown {
    if (!Array.isArray(value)) return value;
    const [name] = value;
    if (name === undefined) return undefined;
    if (typeof name !== "string") throw new RebuildError("A name is missing");
    return name.startsWith("b") ? Buffer.from(name.slice(1), "base64") : this.#object(name);
  }

  #object(name: string): object {
    const known = this.#objects.get(name);
    if (known !== undefined) return known;
    const object = emptyOf(name);
    this.#objects.set(name, object);
    return object;
  }
}

function emptyOf(name: string): object {
  switch (name.charAt(0)) {
    case "o":
      return {};
    case "a":
      return [];
    case "m":
      return new Map();
    case "e":
      return new Set();
    case "c":
      return new Collection();
    default:
      throw new RebuildError(`"${name}" names nothing`);
  }
}

function asArray(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new RebuildError("A list is missing");
}
