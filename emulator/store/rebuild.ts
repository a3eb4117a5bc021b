import { Collection, type Member } from "../domain/collection.ts";
import type { Heap } from "./heap.ts";
import { createObserved, defineFields, observeContainer } from "./observe.ts";
import { type Shape, Shapes } from "./shapes.ts";
import { kinds, type Op } from "./steps.ts";

/** Steps are inconsistent: the file or snapshot was changed. The message is for the user. */
export class RebuildError extends Error {}

/** Rebuilds a graph of objects from the steps of a heap, applied in order. */
export class Rebuild {
  readonly #heap: Heap | undefined;
  readonly #shapes: Shapes;
  readonly #objects: (object | undefined)[] = [];
  #root: object | undefined;

  /** @param heap observes the objects and continues the steps; without it they are plain. */
  constructor(heap?: Heap) {
    this.#heap = heap;
    this.#shapes = heap?.shapes ?? new Shapes();
  }

  get isEmpty(): boolean {
    return this.#root === undefined;
  }

  /** The object of the first step. */
  root(): object {
    if (this.#root === undefined) throw new RebuildError("There is no state");
    return this.#root;
  }

  /** The number of objects in the steps so far, also of those that were removed. */
  get objects(): number {
    return this.#objects.length;
  }

  apply(op: Op): void {
    const [sign, ref, content, key] = op;
    if (sign === "#") {
      this.#define(ref, content, key);
      return;
    }
    const object = this.#object(ref);
    if (sign === "=") this.#fill(object, ref, op);
    else if (sign === "+") enter(object, this.#decode(content), this.#decode(key ?? null));
    else remove(object, this.#decode(content));
    this.#root ??= object;
  }

  #define(index: number, names: unknown, unstored: unknown): void {
    const shape = this.#shapes.define(asArray(names).map(String), asArray(unstored).map(Number));
    if (shape.index !== index) throw new RebuildError("A shape is missing");
  }

  #fill(object: object, ref: number, op: Op): void {
    if (object instanceof Collection) object.skipTo(Number(op[2]));
    if (ref % 4 !== kinds.plain) return;
    const shape = this.#shapes.at(Number(op[2]));
    if (shape === undefined || op.length !== shape.names.length + 3)
      throw new RebuildError("A field is missing");
    const values = op.slice(3);
    for (let at = 0; at < values.length; at += 1) {
      const value = values[at];
      if (typeof value === "object") values[at] = this.#decode(value);
    }
    if (this.#heap === undefined) define(object, shape, values);
    else defineFields(object, shape, values);
  }

  #decode(value: unknown): unknown {
    if (!Array.isArray(value)) return value;
    const [content] = value;
    if (content === undefined) return undefined;
    if (typeof content === "number") return this.#object(content);
    if (typeof content === "string") return Buffer.from(content, "base64");
    const elements = asArray(content).map((element) => this.#decode(element));
    return this.#heap === undefined ? elements : Object.freeze(elements);
  }

  #object(ref: number): object {
    const known = this.#objects[ref >> 2];
    if (known !== undefined) return known;
    // A ref far beyond the objects so far would make the list sparse, and slow.
    if (!(ref >= 0 && Number.isInteger(ref) && ref >> 2 < this.#objects.length + mostAhead))
      throw new RebuildError("A reference is out of range");
    const object = this.#create(ref);
    while (this.#objects.length < ref >> 2) this.#objects.push(undefined);
    this.#objects[ref >> 2] = object;
    return object;
  }

  #create(ref: number): object {
    const container = emptyContainer(ref);
    if (container === undefined) return this.#heap === undefined ? {} : createObserved(this.#heap, ref);
    return this.#heap === undefined ? container : observeContainer(container, this.#heap, ref);
  }
}

/** Steps refer to objects in any order, but a list for any number would use up the memory. */
const mostAhead = 16_000_000;

function emptyContainer(ref: number) {
  if (ref % 4 === kinds.map) return new Map<unknown, unknown>();
  if (ref % 4 === kinds.set) return new Set<unknown>();
  return ref % 4 === kinds.collection ? new Collection() : undefined;
}

function define(object: object, { names }: Shape, values: readonly unknown[]): void {
  for (const [at, name] of names.entries()) {
    // Not an assignment: a caller's key may be __proto__.
    const property = { value: values[at], enumerable: true, configurable: true, writable: true };
    Object.defineProperty(object, name, property);
  }
}

// The methods of the classes themselves do not notify an observer.
function enter(object: object, value: unknown, key: unknown): void {
  if (object instanceof Map) Map.prototype.set.call(object, key, value);
  else if (object instanceof Set) Set.prototype.add.call(object, value);
  else if (object instanceof Collection) Collection.prototype.add.call(object, asMember(value));
  else throw new RebuildError("An entry has no container");
}

function remove(object: object, value: unknown): void {
  if (object instanceof Map) Map.prototype.delete.call(object, value);
  else if (object instanceof Set) Set.prototype.delete.call(object, value);
  else if (object instanceof Collection) Collection.prototype.delete.call(object, value as Member);
  else throw new RebuildError("An entry has no container");
}

function asArray(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new RebuildError("A list is missing");
}

export function asMember(value: unknown): Member {
  const member = value as Partial<Member> | null;
  if (typeof member?.sid === "string" && typeof member.seq === "number") return member as Member;
  throw new RebuildError("A member has no SID");
}
