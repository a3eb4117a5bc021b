import { Collection, type Member } from "../domain/collection.ts";
import { type Container, type Observer, observe } from "./observe.ts";

/**
 * One step in rebuilding a graph of objects. Objects have names that begin with their kind: `o`bject, `a`rray, `m`ap,
 * s`e`t, `c`ollection.
 * - `["=", name, content]` the fields of an object, or the elements of an array; `["=", name, nextSeq]` an empty
 *   collection
 * - `["+", name, value]` an entry of a set or a member (in version 7 also an element of an array); `["+", name, value,
 *   key]` an entry of a map
 * - `["-", name, value]` an entry of a set or a member is removed; `["-", name, key]` an entry of a map
 */
export type Op = readonly [sign: "=" | "+" | "-", name: string, content: unknown, key?: unknown];

const transientNames: ReadonlySet<string> = new Set([
  "clock",
  "ids",
  "joinings",
  "gate",
  "publish",
  "wakeUp",
]);

/**
 * Fields that are not stored: the functions of the runtime, and scheduled tasks, which are created again from the
 * dates next to them. Any other function in the state is an error. JSON from callers may use the same names for
 * strings.
 */
function isTransient(name: string, value: unknown): boolean {
  if (!transientNames.has(name)) return false;
  if (typeof value !== "object" || value === null) return value === undefined || typeof value === "function";
  return kindOf(value) === undefined || Object.values(value).some((part) => typeof part === "function");
}

/** The state has a value that cannot be stored. The message names the field. */
export class StateError extends Error {}

interface Entry {
  readonly sign: "+" | "-";
  readonly container: Container;
  readonly value: unknown;
  readonly key: unknown;
}

/**
 * Serializes a graph of objects as steps that rebuild it: first all of it, then the changes. It does not depend on the
 * types of the domain.
 */
export class Heap implements Observer {
  readonly #names = new WeakMap<object, string>();
  readonly #observes: boolean;
  #named = 0;
  #found: object[] = [];
  #changed = new Set<object>();
  #entries: Entry[] = [];
  readonly #notify: () => void;

  /** @param notify called with every change; without it the graph is written once and not observed. */
  constructor(root: object, notify?: () => void) {
    this.#observes = notify !== undefined;
    this.#notify = notify ?? (() => {});
    this.#nameOf(root, "root");
  }

  get hasChanges(): boolean {
    return this.#found.length + this.#changed.size + this.#entries.length > 0;
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
    for (const object of changed) yield this.#write(object);
    yield* this.#writeFound(entries);
    for (const { sign, container, value, key } of entries) {
      // The container was written as a whole, with its new entries.
      if (changed.has(container)) continue;
      const name = this.#nameOf(container, "a container");
      const content = this.#encode(value, "an entry");
      yield* this.#writeFound(entries);
      yield key === undefined ? [sign, name, content] : [sign, name, content, this.#encode(key, "a key")];
    }
  }

  changed(object: object): void {
    this.#changed.add(object);
    this.#notify();
  }

  entered(container: Container, value: unknown, key?: unknown): void {
    this.#entries.push({ sign: "+", container, value, key });
    this.#notify();
  }

  left(container: Container, value: unknown): void {
    this.#entries.push({ sign: "-", container, value, key: undefined });
    this.#notify();
  }

  /** Writes objects that were found for the first time; the entries of containers are appended to `entries`. */
  *#writeFound(entries: Entry[]): Generator<Op> {
    for (let object = this.#found.pop(); object !== undefined; object = this.#found.pop()) {
      yield this.#write(object);
      for (const [value, key] of entriesOf(object)) {
        entries.push({ sign: "+", container: object as Container, value, key });
        this.#encode(value, "an entry");
      }
      if (this.#observes) observe(object, this, isTransient);
    }
  }

  #write(object: object): Op {
    const name = this.#nameOf(object, "");
    if (Array.isArray(object)) return ["=", name, object.map((value) => this.#encode(value, name))];
    if (object instanceof Collection) return ["=", name, object.nextSeq()];
    if (name.startsWith("m") || name.startsWith("e")) return ["=", name, 0];
    const fields = Object.entries(object).map(([field, value]) => [
      field,
      this.#encode(isTransient(field, value) ? undefined : value, field),
    ]);
    return ["=", name, fields];
  }

  /** JSON values unchanged; others in an array: undefined, bytes, or the name of an object. */
  #encode(value: unknown, path: string): unknown {
    if (value === undefined) return [];
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (value instanceof Uint8Array) return [`b${Buffer.from(value).toString("base64")}`];
    if (typeof value === "object") return [this.#nameOf(value, path)];
    throw new StateError(`The state cannot be stored: ${path} is a ${typeof value}`);
  }

  #nameOf(object: object, path: string): string {
    const known = this.#names.get(object);
    if (known !== undefined) return known;
    const kind = kindOf(object);
    if (kind === undefined) {
      throw new StateError(
        `The state cannot be stored: ${path} is a ${object.constructor?.name ?? "object of an unknown class"}`,
      );
    }
    this.#named += 1;
    const name = `${kind}${this.#named.toString(36)}`;
    this.#names.set(object, name);
    this.#found.push(object);
    return name;
  }
}

function kindOf(object: object): string | undefined {
  if (Array.isArray(object)) return "a";
  if (object instanceof Map) return "m";
  if (object instanceof Set) return "e";
  if (object instanceof Collection) return "c";
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === Object.prototype || prototype === null ? "o" : undefined;
}

function* entriesOf(object: object): Iterable<readonly [value: unknown, key: unknown]> {
  if (object instanceof Map) for (const [key, value] of object) yield [value, key];
  else if (object instanceof Set) for (const value of object) yield [value, undefined];
  else if (object instanceof Collection) {
    for (const member of (object as Collection<Member>).values()) yield [member, undefined];
  }
}
