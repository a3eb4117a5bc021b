import { Collection, type Member } from "../domain/collection.ts";

/** Receives the changes of the objects that it observes. */
export interface Observer {
  /** A field of a plain object has another value. */
  changed(object: object): void;
  /** An entry was added or removed; `key` is a map's key, undefined for other containers. */
  entered(container: Container, value: unknown, key?: unknown): void;
  left(container: Container, value: unknown): void;
}

/** Containers whose entries are added and removed one by one. */
export type Container = Map<unknown, unknown> | Set<unknown> | Collection<Member>;

/** Non-enumerable on observed objects, so that copies of them are plain. */
const observed: unique symbol = Symbol("observed");

interface Mark {
  observer: Observer;
  /** The fields of a plain object; its own are accessors. */
  readonly fields: Record<string, unknown>;
}

type Marked = { readonly [observed]?: Mark };

/**
 * Makes `object` report every change to `observer`, in place. Fields for which `except` returns true, and frozen
 * objects, are not changed. Changes that could not be observed throw a `TypeError`: adding a field, and any change of
 * an array, which is frozen. A list that grows is a set or a collection; a short one is replaced as a whole.
 */
export function observe(
  object: object,
  observer: Observer,
  except: (name: string, value: unknown) => boolean,
): void {
  const mark = (object as Marked)[observed];
  if (mark !== undefined) {
    mark.observer = observer;
    return;
  }
  if (Object.isFrozen(object)) return;
  if (Array.isArray(object)) {
    Object.freeze(object);
    return;
  }
  const isPlain = prototypeOfTracked(object) === undefined;
  const fields = isPlain ? { ...(object as Record<string, unknown>) } : {};
  Object.defineProperty(object, observed, { value: { observer, fields } satisfies Mark });
  if (!isPlain) {
    Object.setPrototypeOf(object, prototypeOfTracked(object) ?? null);
    return;
  }
  for (const [name, value] of Object.entries(fields)) {
    if (!except(name, value)) Object.defineProperty(object, name, accessorOf(name));
  }
  Object.preventExtensions(object);
}

function prototypeOfTracked(object: object): object | undefined {
  if (object instanceof Map) return TrackedMap.prototype;
  if (object instanceof Set) return TrackedSet.prototype;
  return object instanceof Collection ? TrackedCollection.prototype : undefined;
}

function markOf(object: object): Mark {
  const mark = (object as Marked)[observed];
  if (mark === undefined) throw new Error("The object is not observed");
  return mark;
}

const accessors = new Map<string, PropertyDescriptor>();

/** One getter and setter for all fields of a name, so that objects of one kind keep one hidden class of V8. */
function accessorOf(name: string): PropertyDescriptor {
  const known = accessors.get(name);
  if (known !== undefined) return known;
  const accessor: PropertyDescriptor = {
    enumerable: true,
    configurable: false,
    get(this: object) {
      return markOf(this).fields[name];
    },
    set(this: object, value: unknown) {
      const { fields, observer } = markOf(this);
      if (Object.is(fields[name], value)) return;
      fields[name] = value;
      observer.changed(this);
    },
  };
  accessors.set(name, accessor);
  return accessor;
}

class TrackedMap extends Map<unknown, unknown> {
  override set(key: unknown, value: unknown): this {
    super.set(key, value);
    markOf(this).observer.entered(this, value, key);
    return this;
  }

  override delete(key: unknown): boolean {
    const isGone = super.delete(key);
    if (isGone) markOf(this).observer.left(this, key);
    return isGone;
  }

  override clear(): void {
    for (const key of [...this.keys()]) this.delete(key);
  }
}

class TrackedSet extends Set<unknown> {
  override add(value: unknown): this {
    super.add(value);
    markOf(this).observer.entered(this, value);
    return this;
  }

  override delete(value: unknown): boolean {
    const isGone = super.delete(value);
    if (isGone) markOf(this).observer.left(this, value);
    return isGone;
  }

  override clear(): void {
    for (const value of [...this]) this.delete(value);
  }
}

class TrackedCollection extends Collection<Member> {
  override add(member: Member): void {
    super.add(member);
    markOf(this).observer.entered(this, member);
  }

  override delete(member: Member): boolean {
    const isGone = super.delete(member);
    if (isGone) markOf(this).observer.left(this, member);
    return isGone;
  }
}
