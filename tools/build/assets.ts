import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { assetsFolder, root } from "../../infra/endpoints.ts";
import { inputsOf } from "./contents.ts";

/** The compressed size budget of the chat page in kB (1,000 bytes), without Firebase, which few deployments load. */
export const CHAT_BUDGET_KB = 110;

/** Files that are loaded in other pages, or only where Firebase is configured. */
const extras: ReadonlySet<string> = new Set(["embed.js", "firebase.js", "push-worker.js"]);

const chat = join(root, "assets/chat");

/**
 * The SDK's browser build contains core-js for browsers that Twilio no longer supports ("Supported Browsers"): a third of
 * its bytes. Each of its modules changes globals and exports nothing that the SDK uses.
 */
const withoutPolyfills: Plugin = {
  name: "without-polyfills",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^core-js\// }, ({ path }) => ({ path, namespace: "empty" }));
    onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "" }));
  },
};

/** Writes `assets/` to `dist`, with the chat page's TypeScript compiled. @returns its compressed size in kB, and the modules in it. */
export async function buildAssets(): Promise<{ compressedKb: number; modules: readonly string[] }> {
  cpSync(join(root, "assets"), assetsFolder, {
    recursive: true,
    // The index page is made of its folder.
    filter: (file) => !/\.ts$|tsconfig\.json$|\bassets\/index(\/|$)/.test(file.replaceAll("\\", "/")),
  });
  const outdir = join(assetsFolder, "chat");
  const options = {
    absWorkingDir: root,
    bundle: true,
    minify: true,
    platform: "browser",
    target: "es2022",
    outdir,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
    define: { global: "globalThis" },
    plugins: [withoutPolyfills],
  } satisfies BuildOptions;
  const built = await Promise.all([
    build({
      ...options,
      entryPoints: [join(chat, "main.ts")],
      format: "esm",
      splitting: true,
      chunkNames: "[name]",
    }),
    build({
      ...options,
      entryPoints: [join(chat, "embed.ts"), join(chat, "push-worker.ts")],
      format: "iife",
    }),
  ]);
  const files = readdirSync(outdir).filter((name) => !extras.has(name));
  const compressed = files.map((name) => gzipSync(readFileSync(join(outdir, name))).length);
  return {
    compressedKb: compressed.reduce((sum, bytes) => sum + bytes, 0) / 1_000,
    modules: built.flatMap(({ metafile }) => inputsOf(metafile).map(([module]) => module)),
  };
}
