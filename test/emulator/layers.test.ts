import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../emulator", import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));

/** What a file imports: "node:…", or a path below emulator/. */
function importsOf(file: string): string[] {
  return importsIn(file, readFileSync(join(root, file), "utf8"));
}

/** What a file imports when it runs, without its types. */
function valueImportsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return importsIn(
    file,
    text.replace(/^(?:import|export) (?:type [^;]*|\{(?:\s*type \w+,?)+\s*\} from [^;]*);/gm, ""),
  );
}

function importsIn(file: string, text: string): string[] {
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"([\w@./:-]+)"/g)].map(
    ([, specifier = ""]) => specifier,
  );
  return specifiers.map((specifier) =>
    specifier.startsWith(".") ? relative(root, resolve(root, dirname(file), specifier)) : specifier,
  );
}

/** Files at the top that everything may import, and that import only each other. */
const base = [
  "clock.ts",
  "timer-queue.ts",
  "dates.ts",
  "directory.ts",
  "npm.ts",
  "input.ts",
  "ids.ts",
  "in-flight.ts",
  "recent.ts",
  "remember.ts",
  "sid.ts",
];

/** What the folders and the files at the top may import besides their own folder and the base, from the bottom up. */
const allowed: Record<string, readonly string[]> = {
  ...Object.fromEntries(base.map((file) => [file, []])),
  domain: [],
  "timeline.ts": ["domain"],
  "changes.ts": ["timeline.ts"],
  http: ["domain"],
  proxy: ["http"],
  console: ["http"],
  store: ["domain"],
  faults: ["domain", "timeline.ts"],
  webhooks: ["domain", "faults", "timeline.ts"],
  channels: ["domain", "faults", "timeline.ts"],
  push: ["domain", "timeline.ts"],
  realtime: ["domain", "http", "faults", "timeline.ts"],
  studio: ["domain", "faults", "webhooks", "timeline.ts"],
  "runtime.ts": [
    "domain",
    "store",
    "faults",
    "webhooks",
    "channels",
    "push",
    "realtime",
    "studio",
    "timeline.ts",
    "changes.ts",
  ],
  api: ["domain", "http", "faults", "studio", "runtime.ts"],
  seed: ["domain", "http", "faults", "api", "runtime.ts"],
  control: [
    "domain",
    "http",
    "store",
    "faults",
    "channels",
    "studio",
    "seed",
    "console",
    "runtime.ts",
    "changes.ts",
  ],
  "emulator.ts": ["domain", "http", "proxy", "store", "realtime", "api", "seed", "control", "runtime.ts"],
  "main.ts": ["domain", "store", "seed", "emulator.ts"],
};

/** The packages that the emulator may import, besides Node's modules. */
const packages = ["valibot", "ws", "liquidjs"];

/** "file imports file" for every import of the emulator. */
const imports = files.flatMap((file) => importsOf(file).map((imported) => ({ file, imported })));

const unitOf = (file: string): string => file.split("/")[0] ?? "";
const isOurs = (imported: string): boolean => imported.endsWith(".ts") && !imported.startsWith("..");

/** The import circles, each as its sorted files: what can be reached from a file that it can be reached from. */
function circles(readImports: (file: string) => string[]): string[][] {
  const next = new Map(files.map((file) => [file, readImports(file).filter(isOurs)]));
  const reach = (from: string) => {
    const seen = new Set<string>();
    const open = [...(next.get(from) ?? [])];
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      open.push(...(next.get(file) ?? []));
    }
    return seen;
  };
  const reached = new Map(files.map((file) => [file, reach(file)]));
  const found = files.map((file) =>
    [...(reached.get(file) ?? [])].filter((other) => reached.get(other)?.has(file)).toSorted(),
  );
  return [...new Set(found.filter(({ length }) => length > 0).map((circle) => circle.join()))].map((circle) =>
    circle.split(","),
  );
}

describe("the emulator's layers", () => {
  it("are checked through all their imports", () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(200);
  });

  it("import nothing from outside but Node's modules and the allowed packages", () => {
    const outside = imports.filter(
      ({ imported }) => !imported.startsWith("node:") && !packages.includes(imported) && !isOurs(imported),
    );
    expect(outside).toEqual([]);
  });

  it("import only what is below them", () => {
    const upwards = imports.filter(({ file, imported }) => {
      const [from, to] = [unitOf(file), unitOf(imported)];
      return isOurs(imported) && from !== to && !base.includes(to) && !allowed[from]?.includes(to);
    });
    expect(upwards).toEqual([]);
  });

  it("are listed from the bottom up", () => {
    const order = Object.keys(allowed);
    const upwards = Object.entries(allowed).filter(([unit, others]) =>
      others.some((other) => order.indexOf(other) >= order.indexOf(unit)),
    );
    expect(upwards).toEqual([]);
  });

  it("have no import circle when they run", () => {
    expect(circles(valueImportsOf)).toEqual([]);
  });

  it("have one import circle of types", () => {
    expect(circles(importsOf)).toEqual([["domain/account-model.ts", "domain/model.ts"]]);
  });

  it("keep what runs in the browser apart from what runs in Node", () => {
    const inPage = (name: string) => name.startsWith("console/page/");
    const strays = imports.filter(({ file, imported }) => inPage(file) !== inPage(imported));
    expect(imports.some(({ file }) => inPage(file))).toBe(true);
    expect(strays.filter(({ file, imported }) => inPage(file) || inPage(imported))).toEqual([]);
  });
});
