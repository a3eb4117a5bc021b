import type { Op } from "./steps.ts";

/** The fields of objects of one kind. */
export interface Shape {
  readonly index: number;
  /** The names of all fields, in order. */
  readonly names: readonly string[];
  /** The positions of those that are not stored. */
  readonly unstored: readonly number[];
}

const unstoredNames: ReadonlySet<string> = new Set(["clock", "ids", "joinings", "gate", "publish", "wakeUp"]);

/**
 * Fields that are not stored: the functions of the runtime, and scheduled tasks, which are created again from the
 * dates next to them. Any other function in the state is an error. JSON from callers may use the same names for
 * strings.
 */
function isUnstored(name: string, value: unknown): boolean {
  if (!unstoredNames.has(name)) return false;
  if (typeof value !== "object" || value === null) return value === undefined || typeof value === "function";
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = Array.isArray(value) || prototype === Object.prototype || prototype === null;
  return !isPlain || Object.values(value).some((part) => typeof part === "function");
}

/** The shapes of a state, which name each field once. */
export class Shapes {
  readonly #all: Shape[] = [];
  readonly #byNames = new Map<string, Shape>();

  get count(): number {
    return this.#all.length;
  }

  /** The steps that define them, beginning at an index. */
  from(index: number): Op[] {
    return this.#all.slice(index).map(({ index, names, unstored }) => ["#", index, names, unstored]);
  }

  at(index: number): Shape | undefined {
    return this.#all[index];
  }

  of(object: object): Shape {
    const names = Object.keys(object);
    const unstored = names.flatMap((name, at) =>
      unstoredNames.has(name) && isUnstored(name, (object as Record<string, unknown>)[name]) ? at : [],
    );
    return this.define(names, unstored);
  }

  define(names: readonly string[], unstored: readonly number[]): Shape {
    const key = JSON.stringify(unstored.length === 0 ? names : [names, unstored]);
    const known = this.#byNames.get(key);
    if (known !== undefined) return known;
    const shape = { index: this.#all.length, names, unstored };
    this.#all.push(shape);
    this.#byNames.set(key, shape);
    return shape;
  }
}
