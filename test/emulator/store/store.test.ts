import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Heap } from "../../../emulator/store/heap.ts";
import { type Kept, Store } from "../../../emulator/store/store.ts";
import { temporaryDirectory } from "../support/process.ts";

/** A state with one object that changes and objects that are added. */
function createState() {
  const root = { counter: { value: 0 }, names: new Map<string, string>() };
  let count = 0;
  return {
    root,
    position: () => ({ count }),
    /** One write, as by a command: all of it or nothing. */
    write() {
      count += 1;
      root.counter.value = count;
      root.names.set(`name ${count % 100}`, `value ${count}`);
      return count;
    },
  };
}

async function stored(directory: string): Promise<{ ops: unknown; position: unknown }> {
  const store = await Store.open(directory);
  const { saved } = store;
  await store.close();
  if (saved === undefined) throw new Error("Nothing was stored");
  return { ops: [...new Heap(saved.root).changes()], position: saved.position };
}

const inMemory = ({ root, position }: Kept) => ({ ops: [...new Heap(root).changes()], position: position() });

describe("a store", () => {
  it("rewrites its journal when that has grown, under load, without losing a change", async () => {
    const directory = temporaryDirectory();
    const store = await Store.open(directory, 2000);
    const state = createState();
    await store.keep(state);
    const sizes = new Set<number>();
    for (let round = 0; round < 50; round += 1) {
      await Promise.all(
        Array.from({ length: 20 }, async (_, writer) => {
          const count = state.write();
          if (writer % 3 === 0) await Promise.resolve();
          await store.committed();
          expect(readFileSync(join(directory, "journal"), "utf8")).toContain(`"value ${count}"`);
        }),
      );
      sizes.add(statSync(join(directory, "journal")).size);
    }
    await store.close();
    // A thousand writes of a hundred bytes, in a file that never contains all of them.
    expect(Math.max(...sizes)).toBeLessThan(60_000);
    expect(await stored(directory)).toEqual(inMemory(state));
  });

  it("answers while it rewrites a large journal, in slices", async () => {
    const directory = temporaryDirectory();
    const store = await Store.open(directory, 100);
    const state = createState();
    for (let i = 0; i < 50_000; i += 1) state.root.names.set(`old ${i}`, `text ${i}`);
    const begun = store.keep(state);
    // Other tasks of the event loop run before the state is complete.
    let turns = 0;
    let isComplete = false;
    void begun.then(() => {
      isComplete = true;
    });
    while (!isComplete) {
      turns += 1;
      await new Promise(setImmediate);
    }
    expect(turns).toBeGreaterThan(2);
    for (let i = 0; i < 100; i += 1) {
      state.root.names.delete(`old ${i}`);
      state.root.names.set(`old ${1000 + i}`, "new");
      state.write();
      await store.committed();
    }
    await store.close();
    expect(await stored(directory)).toEqual(inMemory(state));
  });

  it("writes changes that no request waits for soon after they are made", async () => {
    const directory = temporaryDirectory();
    const store = await Store.open(directory);
    const state = createState();
    await store.keep(state);
    state.write();
    await expect.poll(() => readFileSync(join(directory, "journal"), "utf8")).toContain('"value 1"');
    await store.close();
  });

  it("stores another state instead of the one before", async () => {
    const directory = temporaryDirectory();
    const store = await Store.open(directory);
    const [first, second] = [createState(), createState()];
    await store.keep(first);
    first.write();
    await store.keep(second);
    first.write();
    second.write();
    await store.close();
    expect(await stored(directory)).toEqual(inMemory(second));
  });

  it("rejects every waiting request when the state cannot be stored", async () => {
    const store = await Store.open(temporaryDirectory());
    const root: { task: unknown } = { task: null };
    await store.keep({ root, position: () => null });
    root.task = () => {};
    await expect(store.committed()).rejects.toThrow("task is a function");
    await expect(store.committed()).rejects.toThrow("task is a function");
    await expect(store.close()).rejects.toThrow("task is a function");
  });
});
