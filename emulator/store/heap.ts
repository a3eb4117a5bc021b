import { Collection } from "../domain/collection.ts";
import {
  type Container,
  createObserved,
  defineFields,
  markOf,
  type Observer,
  observeContainer,
  observeObject,
} from "./observe.ts";
import { Rewrite } from "./rewrite.ts";
import { Shapes } from "./shapes.ts";
import { entriesOf, kinds, type Op } from "./steps.ts";

/** The state has a value that cannot be stored. The message names the field. */
export class StateError extends Error {}

interface Entry {
  readonly sign: "+" | "-";
  readonly container: Container;
  readonly value: unknown;
  readonly key: unknown;
  readonly isReplaced?: boolean;
}

/**
 * Serializes a graph of objects as steps that rebuild it: first all of it, then the changes. It does not depend on the
 * types of the domain. Arrays have no identity: an observed one is frozen, and a field that has another one is written as
 * a whole. A list that grows is a set or a collection.
 */
export class Heap implements Observer {
  readonly shapes = new Shapes();
  /** The refs of objects without a mark: those of a heap that does not observe, and frozen ones. */
  readonly #refs: Map<object, number> | WeakMap<object, number>;
  readonly #observes: boolean;
  readonly #notify: () => void;
  #objects = 0;
  #shapesWritten = 0;
  #found: object[] = [];
  #changed = new Set<object>();
  #entries: Entry[] = [];
  #rewrite: Rewrite | undefined;

  /** @param notify called with every change; without it the graph is written once and not observed. */
  constructor(root: object | undefined, notify?: () => void) {
    this.#observes = notify !== undefined;
    this.#notify = notify ?? (() => {});
    this.#refs = this.#observes ? new WeakMap() : new Map();
    if (root !== undefined) this.#refOf(root, "root");
  }

  get hasChanges(): boolean {
    return this.#found.length + this.#changed.size + this.#entries.length > 0;
  }

  /** Continues after the steps of an earlier heap: so many objects, and all of the shapes. */
  resume(objects: number): void {
    this.#objects = objects;
    this.#shapesWritten = this.shapes.count;
  }

  /**
   * The steps since the last call. Objects precede the entries of containers, since a collection reads its members. The
   * graph must not change until the iteration has ended. Throws a {@link StateError}.
   */
  *changes(): Generator<Op> {
    const changed = this.#changed;
    const entries = this.#entries;
    this.#changed = new Set();
    this.#entries = [];
    for (const object of changed) yield* this.#writeWithShapes(object);
    yield* this.#writeFound(entries);
    // Entries of containers that are found meanwhile are appended.
    for (const { sign, container, value, key, isReplaced } of entries) {
      const ref = this.#refOf(container, "a container");
      const content = this.#encode(value, "an entry");
      yield* this.#writeFound(entries);
      yield key === undefined
        ? [sign, ref, content]
        : entryOf(ref, content, this.#encode(key, "a key"), isReplaced);
    }
  }

  /** Begins to write the whole graph while it changes; first all its changes must be written. */
  rewrite(root: object): Rewrite {
    this.#rewrite = new Rewrite(this, this.#objects);
    this.#refOf(root, "root");
    return this.#rewrite;
  }

  endRewrite(): void {
    this.#rewrite = undefined;
  }

  /** The step for an object, without the entries of a container. */
  write(object: object): Op {
    const ref = this.#refOf(object, "an object");
    if (ref % 4 !== kinds.plain) return ["=", ref, object instanceof Collection ? object.nextSeq() : 0];
    const mark = this.#observes ? markOf(object) : undefined;
    const { index, names, unstored } = mark?.shape ?? this.shapes.of(object);
    const values = mark?.values ?? Object.values(object);
    const encoded = values.map((value, at) =>
      this.#encode(unstored.includes(at) ? undefined : value, names[at]),
    );
    return ["=", ref, index, ...encoded];
  }

  /** The step for an entry of a container. */
  writeEntry(ref: number, value: unknown, key: unknown): Op {
    const content = this.#encode(value, "an entry");
    return key === undefined ? ["+", ref, content] : entryOf(ref, content, this.#encode(key, "a key"));
  }

  changed(object: object): void {
    this.#changed.add(object);
    this.#notify();
  }

  entered(container: Container, value: unknown, key?: unknown, isReplaced = false): void {
    this.#entries.push({ sign: "+", container, value, key, isReplaced });
    this.#notify();
  }

  left(container: Container, value: unknown): void {
    this.#entries.push({ sign: "-", container, value, key: undefined });
    this.#notify();
  }

  adopt<T extends object>(object: T): T {
    if (markOf(object) !== undefined) return object;
    const copy = createObserved(this, this.#newRef(kinds.plain));
    defineFields(copy, this.shapes.of(object), Object.values(object));
    this.#found.push(copy);
    // A change of the original would be lost.
    Object.freeze(object);
    return copy as T;
  }

  /** An object, after the shapes that are new. */
  *#writeWithShapes(object: object): Generator<Op> {
    const op = this.write(object);
    yield* this.shapes.from(this.#shapesWritten);
    this.#shapesWritten = this.shapes.count;
    yield op;
  }

  /** Writes objects that were found for the first time; the entries of containers are appended to `entries`. */
  *#writeFound(entries: Entry[]): Generator<Op> {
    for (let object = this.#found.pop(); object !== undefined; object = this.#found.pop()) {
      yield* this.#writeWithShapes(object);
      for (const [value, key] of entriesOf(object)) {
        entries.push({ sign: "+", container: object as Container, value, key });
        this.#encode(value, "an entry");
      }
    }
  }

  #encode(value: unknown, path = "a field"): unknown {
    if (value === undefined) return [];
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (value instanceof Uint8Array) return [Buffer.from(value).toString("base64")];
    if (Array.isArray(value)) {
      if (this.#observes) Object.freeze(value);
      return [value.map((element) => this.#encode(element, path))];
    }
    if (typeof value === "object") return [this.#refOf(value, path)];
    throw new StateError(`The state cannot be stored: ${path} is a ${typeof value}`);
  }

  #refOf(object: object, path: string): number {
    const mark = this.#observes ? markOf(object) : undefined;
    const known = mark?.observer === this ? mark.ref : this.#refs.get(object);
    if (known !== undefined) {
      this.#rewrite?.reach(known, object);
      return known;
    }
    const kind = kindOf(object);
    if (kind === undefined) {
      throw new StateError(
        `The state cannot be stored: ${path} is a ${object.constructor?.name ?? "object of an unknown class"}`,
      );
    }
    const ref = this.#newRef(kind);
    if (!this.#observes || (Object.isFrozen(object) && mark === undefined)) this.#refs.set(object, ref);
    else if (kind === kinds.plain) observeObject(object, this, ref, this.shapes.of(object));
    else observeContainer(object as Container, this, ref);
    this.#found.push(object);
    return ref;
  }

  #newRef(kind: number): number {
    this.#objects += 1;
    return (this.#objects - 1) * 4 + kind;
  }
}

const entryOf = (ref: number, value: unknown, key: unknown, isReplaced = false): Op =>
  isReplaced ? ["+", ref, value, key, 1] : ["+", ref, value, key];

function kindOf(object: object): number | undefined {
  if (object instanceof Map) return kinds.map;
  if (object instanceof Set) return kinds.set;
  if (object instanceof Collection) return kinds.collection;
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === Object.prototype || prototype === null ? kinds.plain : undefined;
}
