import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../emulator", import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));

/** What a file imports: "node:…", or a path below emulator/. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const specifiers = [...text.matchAll(/(?<!")(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(
    ([, specifier = ""]) => specifier,
  );
  return specifiers.map((specifier) =>
    specifier.startsWith(".") ? relative(root, resolve(root, dirname(file), specifier)) : specifier,
  );
}

/** The folders that the files of a folder may import from, beside their own and the files at the top. */
const allowed: Record<string, readonly string[]> = {
  domain: [],
  http: ["domain"],
  faults: ["domain"],
  events: ["domain", "faults"],
  channels: ["domain", "faults"],
  push: ["domain"],
  studio: ["domain", "events"],
  api: ["domain", "http", "faults", "studio"],
  store: ["domain"],
  realtime: ["domain", "http", "faults"],
  proxy: ["http"],
  seed: ["domain", "http", "faults", "api"],
  console: ["http"],
  control: ["domain", "http", "channels", "faults", "seed", "store", "console", "studio"],
};

/** Packages that the emulator is bundled with. */
const packages: readonly string[] = ["liquidjs", "ws"];

/** "file imports file" for every import of the emulator. */
const imports = files.flatMap((file) => importsOf(file).map((imported) => ({ file, imported })));

function folderOf(file: string): string {
  return file.includes("/") ? (file.split("/")[0] ?? "") : "";
}

describe("the emulator's layers", () => {
  it("are looked at through all their imports", () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(200);
  });

  it("import nothing but Node's modules and the packages of the bundle from outside", () => {
    const outside = imports.filter(
      ({ imported }) =>
        !imported.startsWith("node:") &&
        !packages.includes(imported) &&
        (imported.startsWith("..") || !imported.endsWith(".ts")),
    );
    expect(outside).toEqual([]);
  });

  it("import only what is below them", () => {
    const upwards = imports.filter(({ file, imported }) => {
      const [from, to] = [folderOf(file), folderOf(imported)];
      return from !== "" && to !== "" && from !== to && !allowed[from]?.includes(to);
    });
    expect(upwards.filter(({ imported }) => imported.endsWith(".ts"))).toEqual([]);
  });

  it("keep what runs in the browser apart from what runs in Node", () => {
    const inPage = (name: string) => name.startsWith("console/page/");
    const strays = imports.filter(({ file, imported }) => inPage(file) !== inPage(imported));
    expect(imports.some(({ file }) => inPage(file))).toBe(true);
    expect(strays.filter(({ file, imported }) => inPage(file) || inPage(imported))).toEqual([]);
  });

  it("keep the domain apart from the composition", () => {
    const composed = imports.filter(
      ({ file, imported }) => folderOf(file) === "domain" && folderOf(imported) === "",
    );
    const names = new Set(
      composed.map(({ imported }) => imported).filter((name) => !name.startsWith("node:")),
    );
    expect([...names].toSorted()).toEqual(["clock.ts", "dates.ts", "ids.ts"]);
  });
});
