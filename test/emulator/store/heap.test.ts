import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Collection } from "../../../emulator/domain/collection.ts";
import { Heap, StateError } from "../../../emulator/store/heap.ts";
import { Rebuild } from "../../../emulator/store/rebuild.ts";
import type { Op } from "../../../emulator/store/steps.ts";

interface Thing {
  readonly sid: string;
  readonly seq: number;
  value: unknown;
  list: readonly unknown[];
  other: Thing | null;
}

/** A graph with every kind of value in the domain's state. */
function createGraph() {
  return {
    things: new Collection<Thing>(),
    byName: new Map<string, unknown>(),
    marked: new Set<Thing>(),
    words: [] as readonly string[],
  };
}

type Graph = ReturnType<typeof createGraph>;

type Change = readonly [number, number, unknown];

/** One change of a graph, chosen by two numbers and a value. */
function change(graph: Graph, [kind, position, value]: Change): void {
  const things = [...graph.things.values()];
  const thing = things[position % Math.max(things.length, 1)];
  const seq = graph.things.nextSeq();
  if (kind === 0 || thing === undefined) {
    graph.things.add({ sid: `TH${seq}`, seq, value, list: [value], other: thing ?? null });
  } else if (kind === 1) graph.things.delete(thing);
  else if (kind === 2) thing.value = value;
  else if (kind === 3) thing.list = [...thing.list, value, [value]];
  else if (kind === 4) thing.list = thing.list.slice(1);
  else if (kind === 5) graph.byName.set(`n${position % 5}`, { thing, value });
  else if (kind === 6) graph.byName.delete(`n${position % 5}`);
  else if (kind === 7) graph.marked.add(thing);
  else if (kind === 8) graph.marked.delete(thing);
  else if (kind === 9) graph.words = [...graph.words, String(position)];
  else if (kind === 10) graph.byName.clear();
  else thing.other = { ...thing, sid: "copy", list: [...thing.list] };
}

// As parsed from JSON, which has no -0.
const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)));
const changes = fc.array(fc.tuple(fc.integer({ min: 0, max: 11 }), fc.nat(50), json), { maxLength: 60 });

/** The steps of a whole graph, in the same order for equal graphs. */
const dump = (root: object): Op[] => [...new Heap(root).changes()];

function rebuilt(ops: readonly Op[]): object {
  const rebuild = new Rebuild();
  // The steps are stored as JSON.
  for (const op of JSON.parse(JSON.stringify(ops))) rebuild.apply(op);
  return rebuild.root();
}

/** The steps of slices of a size, between which changes are made. */
function rewriteWhile(heap: Heap, graph: Graph, rounds: readonly Change[][], size: number): Op[] {
  const rewrite = heap.rewrite(graph);
  const ops: Op[] = [];
  const slice = () => {
    let left = size;
    return rewrite.next(() => left-- > 0);
  };
  for (const round of rounds) {
    ops.push(...(slice() ?? []));
    for (const step of round) change(graph, step);
    for (const op of heap.changes()) ops.push(...rewrite.include(op));
  }
  for (let rest = slice(); rest !== undefined; rest = slice()) ops.push(...rest);
  heap.endRewrite();
  return ops;
}

describe("a heap", () => {
  it("rebuilds any graph from its initial steps and those of all later changes", () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 5 }), (rounds) => {
        const graph = createGraph();
        const plain = createGraph();
        const heap = new Heap(graph, () => {});
        const ops = [...heap.changes()];
        for (const round of rounds) {
          for (const step of round) {
            change(graph, step);
            change(plain, step);
          }
          ops.push(...heap.changes());
        }
        expect(dump(graph)).toEqual(dump(plain));
        expect(dump(rebuilt(ops))).toEqual(dump(plain));
        expect(heap.hasChanges).toBe(false);
      }),
    );
  });

  it("rebuilds any graph from slices that are written while it changes, and from all steps after them", () => {
    fc.assert(
      fc.property(changes, fc.array(changes), fc.integer({ min: 1, max: 7 }), (before, during, size) => {
        const graph = createGraph();
        const heap = new Heap(graph, () => {});
        for (const step of before) change(graph, step);
        void [...heap.changes()];
        expect(dump(rebuilt(rewriteWhile(heap, graph, during, size)))).toEqual(dump(graph));
        expect(dump(rebuilt(rewriteWhile(heap, graph, [], size)))).toEqual(dump(graph));
      }),
    );
  });

  it("continues the steps of an earlier one with the same refs", () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 5 }), (rounds) => {
        let graph = createGraph();
        const ops = [...new Heap(graph).changes()];
        for (const round of rounds) {
          const heap = new Heap(undefined, () => {});
          const rebuild = new Rebuild(heap);
          for (const op of JSON.parse(JSON.stringify(ops))) rebuild.apply(op);
          heap.resume(rebuild.objects);
          graph = rebuild.root() as Graph;
          for (const step of round) change(graph, step);
          ops.push(...heap.changes());
        }
        expect(dump(rebuilt(ops))).toEqual(dump(graph));
      }),
    );
  });

  it("replaces a new member by an observed copy, and throws when the original is changed", () => {
    const graph = { things: new Collection<Thing>() };
    const heap = new Heap(graph, () => {});
    void [...heap.changes()];
    const original: Thing = { sid: "TH0", seq: 0, value: 1, list: [], other: null };
    const stored = graph.things.enter(original);
    stored.value = 2;
    expect(() => Object.assign(original, { value: 3 })).toThrow(TypeError);
    expect([...heap.changes()].at(-2)).toEqual(["=", 8, 1, "TH0", 0, 2, [[]], null]);
    expect(graph.things.get("TH0")).toBe(stored);
    stored.value = 4;
    expect([...heap.changes()]).toEqual([["=", 8, 1, "TH0", 0, 4, [[]], null]]);
  });

  it("keeps bytes, keys of any name, undefined values, and the positions of removed members", () => {
    const graph = { bytes: Buffer.from([0, 255]), nothing: undefined, members: new Collection<Thing>() };
    const last = { sid: "TH7", seq: 7, value: null, list: [], other: null };
    graph.members.add(last);
    graph.members.delete(last);
    Object.defineProperty(graph, "__proto__", { value: "a key", enumerable: true, writable: true });
    const copy = rebuilt(dump(graph)) as typeof graph;
    expect(Object.entries(copy)).toEqual(Object.entries(graph));
    expect(copy.members.nextSeq()).toBe(8);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });

  it("notifies of each change of observed values, and of no other change", () => {
    let calls = 0;
    const graph = { inner: { value: 1 }, wakeUp: undefined as object | undefined };
    const heap = new Heap(graph, () => {
      calls += 1;
    });
    expect([...heap.changes()].filter(([sign]) => sign === "=")).toHaveLength(2);
    graph.inner.value = 1;
    graph.wakeUp = { at: 1, cancel: () => {} };
    expect(calls).toBe(0);
    graph.inner.value = 2;
    expect(calls).toBe(1);
    expect([...heap.changes()]).toEqual([["=", 4, 1, 2]]);
  });

  it.each([
    ["a function", { task: () => {} }, "task is a function"],
    ["an instance of a class", { url: new URL("http://localhost") }, "url is a URL"],
    ["not a number", { count: Number.NaN }, "count is a number"],
  ])("refuses %s and names the field", (_, graph, message) => {
    expect(() => dump(graph)).toThrow(new StateError(`The state cannot be stored: ${message}`));
  });

  it.each<[string, (graph: { unknown?: number; list: number[] }) => void, RegExp]>([
    ["a new field", (graph) => Object.assign(graph, { unknown: 1 }), /unknown, object is not extensible/],
    ["a new element", ({ list }) => list.push(3), /property 2, object is not extensible/],
    ["another element", ({ list }) => list.splice(0, 1, 3), /read only property '0'/],
    ["a longer array", (graph) => Object.assign(graph.list, { length: 3 }), /read only property 'length'/],
    ["a shorter array", ({ list }) => list.pop(), /Cannot delete property '1'/],
    ["an order", ({ list }) => list.reverse(), /read only property '0'/],
  ])("throws for %s, which cannot be observed", (_what, edit, message) => {
    const graph = { list: [1, 2] };
    expect([...new Heap(graph, () => {}).changes()]).toHaveLength(2);
    expect(() => edit(graph)).toThrow(message);
  });
});
