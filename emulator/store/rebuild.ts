import { Collection, type Member } from "../domain/collection.ts";
import type { Op } from "./heap.ts";

/** Steps are inconsistent: the file or snapshot was changed. The message is for the user. */
export class RebuildError extends Error {}

/** Rebuilds a graph of objects from the steps of a heap, applied in order. */
export class Rebuild {
  readonly #objects = new Map<string, object>();
  #root: object | undefined;

  apply([sign, name, content, key]: Op): void {
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

function asMember(value: unknown): Member {
  const member = value as Partial<Member> | null;
  if (typeof member?.sid === "string" && typeof member.seq === "number") return member as Member;
  throw new RebuildError("A member has no SID");
}
