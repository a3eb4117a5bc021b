import { Collection, type Member } from "../domain/collection.ts";
import type { Shape } from "./shapes.ts";

/** Receives the changes of the objects that it observes. */
export interface Observer {
  /** A field of a plain object has another value. */
  changed(object: object): void;
  /** An entry was added, or the value of a map's key replaced; `key` is undefined for other containers. */
  entered(container: Container, value: unknown, key?: unknown, isReplaced?: boolean): void;
  /** An entry was removed: its key in a map, otherwise its value. */
  left(container: Container, value: unknown): void;
  /** An observed copy of a new object, which must not be changed afterwards. */
  adopt<T extends object>(object: T): T;
}

/** Containers whose entries are added and removed one by one. */
export type Container = Map<unknown, unknown> | Set<unknown> | Collection<Member>;

/** Non-enumerable on observed objects, so that copies of them are plain. */
const observed: unique symbol = Symbol("observed");

/** What is known of an observed object. */
interface Mark {
  readonly observer: Observer;
  /** Its number in the stored state. */
  readonly ref: number;
  /** Of a plain object: its fields, whose values are here; its own fields are accessors. */
  shape: Shape | undefined;
  values: unknown[];
}

type Marked = { readonly [observed]?: Mark };

export function markOf(object: object): Mark | undefined {
  return (object as Marked)[observed];
}

function markIn(object: object): Mark {
  const mark = markOf(object);
  if (mark === undefined) throw new Error("The object is not observed");
  return mark;
}

function setMark(object: object, mark: Mark): void {
  Object.defineProperty(object, observed, { value: mark, configurable: true });
}

/**
 * Makes a plain object report every change, in place. Fields that are not stored are not observed. Adding a field throws
 * a `TypeError`. V8 stores such an object as a hash table of a kilobyte; {@link createObserved} does not.
 */
export function observeObject(object: object, observer: Observer, ref: number, shape: Shape): void {
  const isObserved = markOf(object)?.shape !== undefined;
  setMark(object, { observer, ref, shape, values: Object.values(object) });
  if (isObserved) return;
  for (const [at, name] of shape.names.entries())
    if (!shape.unstored.includes(at)) Object.defineProperty(object, name, accessorOf(at));
  Object.preventExtensions(object);
}

/** A new object without fields, for {@link defineFields}. */
export function createObserved(observer: Observer, ref: number): object {
  const object = {};
  setMark(object, { observer, ref, shape: undefined, values: [] });
  return object;
}

/** Gives an object of {@link createObserved} its fields, or other values. */
export function defineFields(object: object, shape: Shape, values: unknown[]): void {
  const mark = markIn(object);
  const isDefined = mark.shape !== undefined;
  mark.shape = shape;
  mark.values = values;
  if (isDefined) return;
  const { names, unstored } = shape;
  for (let at = 0; at < names.length; at += 1) {
    const field = unstored.includes(at)
      ? { value: values[at], writable: true, enumerable: true, configurable: true }
      : accessorOf(at);
    Object.defineProperty(object, names[at] ?? "", field);
  }
  Object.preventExtensions(object);
}

/** Makes a container report every change, in place. */
export function observeContainer<T extends Container>(container: T, observer: Observer, ref: number): T {
  setMark(container, { observer, ref, shape: undefined, values: [] });
  const { prototype } =
    container instanceof Map ? TrackedMap : container instanceof Set ? TrackedSet : TrackedCollection;
  if (Object.getPrototypeOf(container) !== prototype) Object.setPrototypeOf(container, prototype);
  return container;
}

const accessors: PropertyDescriptor[] = [];

/** One getter and setter for all fields at a position, so that objects of one shape share one hidden class of V8. */
function accessorOf(at: number): PropertyDescriptor {
  const known = accessors[at];
  if (known !== undefined) return known;
  const accessor: PropertyDescriptor = {
    enumerable: true,
    configurable: false,
    get(this: object) {
      return markIn(this).values[at];
    },
    set(this: object, value: unknown) {
      const { values, observer } = markIn(this);
      if (Object.is(values[at], value)) return;
      values[at] = value;
      observer.changed(this);
    },
  };
  accessors[at] = accessor;
  return accessor;
}

class TrackedMap extends Map<unknown, unknown> {
  override set(key: unknown, value: unknown): this {
    const isReplaced = this.has(key);
    super.set(key, value);
    markIn(this).observer.entered(this, value, key, isReplaced);
    return this;
  }

  override delete(key: unknown): boolean {
    const isGone = super.delete(key);
    if (isGone) markIn(this).observer.left(this, key);
    return isGone;
  }

  override clear(): void {
    for (const key of [...this.keys()]) this.delete(key);
  }
}

class TrackedSet extends Set<unknown> {
  override add(value: unknown): this {
    if (this.has(value)) return this;
    super.add(value);
    markIn(this).observer.entered(this, value);
    return this;
  }

  override delete(value: unknown): boolean {
    const isGone = super.delete(value);
    if (isGone) markIn(this).observer.left(this, value);
    return isGone;
  }

  override clear(): void {
    for (const value of [...this]) this.delete(value);
  }
}

class TrackedCollection extends Collection<Member> {
  override add(member: Member): void {
    super.add(member);
    markIn(this).observer.entered(this, member);
  }

  override enter<M extends Member>(member: M): M {
    const stored = markIn(this).observer.adopt(member);
    this.add(stored);
    return stored;
  }

  override delete(member: Member): boolean {
    const isGone = super.delete(member);
    if (isGone) markIn(this).observer.left(this, member);
    return isGone;
  }
}
