import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build, transform } from "esbuild";
import { root } from "../../infra/endpoints.ts";
import { inputsOf } from "./contents.ts";

const page = join(root, "emulator/console/page");

/** A file of the console as served to the browser: scripts without types. */
async function readPage(name: string): Promise<string> {
  const text = readFileSync(join(page, name), "utf8");
  return name.endsWith(".ts") ? (await transform(text, { loader: "ts", target: "es2023" })).code : text;
}

/** Bundles the emulator and its console into one file. @returns the paths of the modules in it. */
export async function buildEmulator(outfile = "dist/emulator.cjs"): Promise<readonly string[]> {
  const names = readdirSync(page).filter((name) => name !== "tsconfig.json");
  const files = await Promise.all(names.map(async (name) => [name, await readPage(name)] as const));
  const { metafile } = await build({
    absWorkingDir: root,
    metafile: true,
    entryPoints: ["emulator/main.ts"],
    outfile,
    bundle: true,
    platform: "node",
    target: "node22",
    logLevel: "warning",
    define: {
      EMBEDDED_PAGE: JSON.stringify(Object.fromEntries(files)),
      // The sources' directory, which the bundle does not need.
      "import.meta.dirname": "undefined",
    },
  });
  return inputsOf(metafile).map(([module]) => module);
}
