import { copyFileSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Collection } from "../../../emulator/domain/collection.ts";
import { startEmulator } from "../../../emulator/emulator.ts";
import { stateVersion } from "../../../emulator/store/migrations.ts";
import { Store } from "../../../emulator/store/store.ts";
import { startTime, TestAccount } from "../support/emulator.ts";
import { temporaryDirectory } from "../support/process.ts";
import { fillAccount } from "./full-account.ts";

/** A journal of each version of the state, filled in the same way: "7.journal". They are never rewritten. */
const journals = fileURLToPath(new URL("./journals", import.meta.url));
const start = (data: string) => startEmulator({ data, clock: "manual", startTime });

/** The fields of all objects in a state and the kinds of their values, under the first path to each object. */
function shapeOf(root: object): Record<string, string[]> {
  const shape = new Map<string, Set<string>>();
  const seen = new Set<object>();
  const open: [path: string, object][] = [["state", root]];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const [path, object] = next;
    const kinds = shape.get(path) ?? new Set();
    shape.set(path, kinds);
    for (const [name, value] of partsOf(object)) {
      kinds.add(`${name}: ${kindOf(value)}`);
      if (typeof value !== "object" || value === null || value instanceof Uint8Array || seen.has(value))
        continue;
      seen.add(value);
      open.push([`${path}.${name}`, value]);
    }
  }
  return Object.fromEntries([...shape].toSorted().map(([path, kinds]) => [path, [...kinds].toSorted()]));
}

function partsOf(object: object): [name: string, value: unknown][] {
  if (object instanceof Map) return [...object.values()].map((value) => ["{}", value]);
  if (Array.isArray(object) || object instanceof Set) return [...object].map((value) => ["[]", value]);
  if (object instanceof Collection) return [...object.values()].map((value) => ["[]", value]);
  return Object.entries(object);
}

function kindOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  // Those of a state that is continued are subclasses.
  for (const container of [Map, Set, Collection]) if (value instanceof container) return container.name;
  return value.constructor.name;
}

async function stored(directory: string) {
  const store = await Store.open(directory);
  await store.close();
  if (store.saved === undefined) throw new Error(`${directory} holds nothing`);
  return store.saved;
}

function copyOf(file: string): string {
  const directory = temporaryDirectory();
  copyFileSync(join(journals, file), join(directory, "journal"));
  return directory;
}

describe("the version of the state", () => {
  const newest = join(journals, `${stateVersion}.journal`);

  it("is raised, with a migration, when the shape of the state differs from the journal of this version", async () => {
    const directory = temporaryDirectory();
    const account = new TestAccount(await start(directory));
    await fillAccount(account);
    await account.close();
    // WRITE_JOURNAL=1 writes the journal of a new version, once.
    if (process.env.WRITE_JOURNAL && !existsSync(newest)) copyFileSync(join(directory, "journal"), newest);
    const now = shapeOf((await stored(directory)).root);
    expect(Object.keys(now).length).toBeGreaterThan(60);
    expect(shapeOf((await stored(copyOf(`${stateVersion}.journal`))).root)).toEqual(now);
  });

  it.each(readdirSync(journals))("%s is read, and has the shape of this version", async (file) => {
    const directory = copyOf(file);
    const { root } = await stored(directory);
    const now = shapeOf((await stored(copyOf(`${stateVersion}.journal`))).root);
    const names = (kinds: readonly string[]) => new Set(kinds.map((kind) => kind.split(": ")[0]));
    // Fields that are new in this version may be empty.
    for (const [path, kinds] of Object.entries(shapeOf(root)).filter(([, { length }]) => length > 0)) {
      expect(now[path], path).toEqual(expect.arrayContaining(kinds));
      expect(names(kinds), path).toEqual(names(now[path] ?? []));
    }
    const account = new TestAccount(await start(directory));
    const messages = await account.conversations("full").messages.list();
    expect(messages.map(({ body, delivery }) => [body, delivery?.delivered])).toEqual([
      ["Look", "all"],
      ["Well, Bob?", "all"],
      ["Are you there?", "some"],
    ]);
    expect(await account.inbox("+15558675310")).toHaveLength(4);
    await account.control("POST", `/phones/${encodeURIComponent("whatsapp:+15558675312")}`, { state: "on" });
    expect(await account.inbox("whatsapp:+15558675312")).toHaveLength(3);
    await account.close();
  });
});
