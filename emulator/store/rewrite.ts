import { entriesOf, kinds, type Op } from "./steps.ts";

/** Writes single objects and entries as steps, and calls {@link Rewrite.reach} for each object in them. */
interface Writer {
  readonly shapes: { readonly count: number; from(index: number): Op[] };
  write(object: object): Op;
  writeEntry(ref: number, value: unknown, key: unknown): Op;
}

/** A container whose entries are being written. */
interface Open {
  readonly ref: number;
  readonly container: object;
  readonly entries: Iterator<readonly [value: unknown, key: unknown]>;
  /** New values of keys, by the key as JSON. They follow the other entries, so that those keep their order. */
  readonly replaced: Map<string, Op>;
}

const [unseen, reached, written] = [0, 1, 2];

/**
 * Writes a whole graph in slices while it changes. Together with the included steps of all changes, in the order in which
 * they were made, the slices rebuild the graph.
 */
export class Rewrite {
  readonly #writer: Writer;
  /** What was done with the objects that exist already, by their number. Newer ones are only in changes. */
  readonly #states: Uint8Array;
  readonly #reached: { readonly ref: number; readonly object: object }[] = [];
  readonly #open: Open[] = [];
  #shapesWritten = 0;

  constructor(writer: Writer, objects: number) {
    this.#writer = writer;
    this.#states = new Uint8Array(objects);
  }

  /** Writes an object that a step refers to before that step. */
  reach(ref: number, object: object): void {
    if (this.#states[ref >> 2] !== unseen) return;
    this.#states[ref >> 2] = reached;
    this.#reached.push({ ref, object });
  }

  /**
   * The next steps; undefined when the graph is complete. All changes must be included before.
   * @param goesOn called before each step.
   */
  next(goesOn: () => boolean): Op[] | undefined {
    const ops: Op[] = [];
    this.#writeReached(ops);
    if (ops.length === 0 && this.#open.length === 0) return undefined;
    for (let open = this.#open.at(-1); open !== undefined && goesOn(); open = this.#open.at(-1)) {
      const { done, value: entry } = open.entries.next();
      if (done) {
        // Members that were added and removed meanwhile have used positions of a collection.
        ops.push(this.#writer.write(open.container), ...open.replaced.values());
        this.#open.pop();
        continue;
      }
      const op = this.#writer.writeEntry(open.ref, ...entry);
      // A collection reads its member, which must come first.
      this.#writeReached(ops);
      ops.push(op);
    }
    return ops;
  }

  /** The steps for a step of a change: none if its object will be written later, as it is then. */
  include(op: Op): Op[] {
    const ops: Op[] = [];
    this.#writeReached(ops);
    if (op[0] !== "#" && this.#isDue(op)) this.#append(ops, op);
    return ops;
  }

  /** Appends a step after the shapes that are new. */
  #append(ops: Op[], op: Op): void {
    const { count } = this.#writer.shapes;
    if (count > this.#shapesWritten) ops.push(...this.#writer.shapes.from(this.#shapesWritten));
    this.#shapesWritten = count;
    ops.push(op);
  }

  #isDue(op: Op): boolean {
    const [sign, ref, content, key, isReplaced] = op;
    if (ref >> 2 >= this.#states.length) return true;
    if (this.#states[ref >> 2] !== written) return false;
    const open = ref % 4 === kinds.plain ? undefined : this.#open.find((open) => open.ref === ref);
    if (open === undefined) return true;
    if (sign === "-") open.replaced.delete(JSON.stringify(content));
    else if (isReplaced === 1) open.replaced.set(JSON.stringify(key), op);
    // The iterator of the entries also returns those that were added meanwhile.
    return sign === "-";
  }

  #writeReached(ops: Op[]): void {
    for (let next = this.#reached.pop(); next !== undefined; next = this.#reached.pop()) {
      const { ref, object } = next;
      this.#states[ref >> 2] = written;
      this.#append(ops, this.#writer.write(object));
      if (ref % 4 !== kinds.plain)
        this.#open.push({ ref, container: object, entries: entriesOf(object), replaced: new Map() });
    }
  }
}
