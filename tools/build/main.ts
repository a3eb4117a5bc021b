import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build, type Metafile, type OutputFile } from "esbuild";
import { queueFront } from "../../core/platforms/queue-front.ts";
import { UserError } from "../../infra/account/user-error.ts";
import {
  assetsFolder,
  bundleFile,
  type Endpoint,
  endpoints,
  handlerOf,
  posixPath,
  root,
  type Target,
  targetsOf,
} from "../../infra/endpoints.ts";
import { readValidSettings } from "../../infra/settings/read.ts";
import { table } from "../table.ts";
import { rejectOptions } from "../wrong-option.ts";
import { buildAssets, CHAT_BUDGET_KB } from "./assets.ts";
import { type SizeBudget, sizeBudget } from "./budgets.ts";
import { inputsOf, straysOf } from "./contents.ts";
import { buildEmulator } from "./emulator.ts";
import { noticesOf } from "./notices.ts";
import { publishedKeysApart, publishedKeysBuild, publishedKeysFile } from "./published-keys.ts";
import { settingsApart, writeSettings } from "./settings.ts";
import { writeStaticFiles } from "./static-files.ts";
import { trimmed } from "./trim.ts";

/** A bundle. */
interface Bundle {
  readonly file: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  readonly budget: SizeBudget;
  /** Parts that its handler cannot need. */
  readonly strays: readonly string[];
  /** The paths of the modules in it. */
  readonly modules: readonly string[];
}

const KILOBYTE = 1_000;

const HELP = `npm run build [-- options]

Checks the settings files, and builds the bundles for Twilio Functions and AWS Lambda, the pages and the emulator in dist.
Exits with 1 for a mistake in the settings or a bundle that is too large.

  --environment NAME  Also applies settings.NAME.json
  --quiet             Prints only problems
  --help              This text`;

/** CommonJS on both platforms: importing a built-in into an ES module runs all its getters, which takes up to 26 ms. */
const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node22",
  minify: true,
  // Drops unused regular expressions.
  pure: ["RegExp"],
  legalComments: "none",
  // Separate files, since an inline map is parsed at every cold start.
  sourcemap: "external",
  logLevel: "warning",
} as const satisfies BuildOptions;

/** The file of {@link publishedKeysFile}, the same for all bundles, and the paths of the modules in it. */
async function buildPublishedKeys(): Promise<{ contents: Uint8Array; modules: readonly string[] }> {
  const options = { ...OPTIONS, ...publishedKeysBuild, sourcemap: false } as const;
  const { outputFiles, metafile } = await build({ ...options, metafile: true, write: false });
  const [file] = outputFiles;
  if (file === undefined) throw new Error("esbuild made no file of published-keys.ts.");
  writeModules("published-keys.js", metafile);
  return { contents: file.contents, modules: inputsOf(metafile).map(([module]) => module) };
}

async function bundle(endpoint: Endpoint, target: Target): Promise<Bundle> {
  const outfile = bundleFile(endpoint, target);
  const file = posixPath(join(root, "dist"), outfile);
  const options = { ...OPTIONS, ...entryOf(endpoint, target), outfile };
  let needsKeys = false;
  const keysApart = publishedKeysApart(target, () => {
    needsKeys = true;
  });
  const apart = [keysApart, settingsApart];
  const plugins = [...apart, ...(await trimmed({ ...options, plugins: apart }))];
  const { outputFiles, metafile } = await build({ ...options, plugins, metafile: true, write: false });
  for (const output of outputFiles) {
    const isMap = output.path.endsWith(".map");
    write(isMap ? join(root, "dist", "maps", `${file}.map`) : output.path, output.contents);
  }
  if (needsKeys) write(publishedKeysFile(dirname(outfile), target), (await publishedKeys).contents);
  writeModules(file, metafile);
  const handler = endpoint.isQueued && target === "lambda" ? queueFront : await handlerOf(endpoint);
  const contents = readFileSync(outfile);
  return {
    file: `dist/${file}`,
    bytes: contents.length,
    gzipBytes: gzipSync(contents).length,
    budget: sizeBudget(endpoint, target),
    strays: straysOf(metafile, { target, handler }),
    modules: inputsOf(metafile).map(([module]) => module),
  };
}

function entryOf(endpoint: Endpoint, target: Target): BuildOptions {
  if (target === "twilio") return { entryPoints: [endpoint.functionFile] };
  const contents = [...lambdaEntry(endpoint, target), `export { lambda as handler };`].join("\n");
  return { stdin: { contents, resolveDir: root, sourcefile: `lambda/${endpoint.name}.ts`, loader: "ts" } };
}

function lambdaEntry({ name, handlerFile, isQueued }: Endpoint, target: "lambda" | "consumer"): string[] {
  const handler =
    isQueued && target === "lambda"
      ? `import { queueFront as handler } from "./core/platforms/queue-front.ts";`
      : `import handler from "./${handlerFile}";`;
  const [adapter, file] =
    target === "consumer" ? ["queueConsumer", "queue-consumer"] : ["lambdaHandler", "lambda"];
  return [
    handler,
    `import { ${adapter} } from "./core/platforms/${file}.ts";`,
    `import { withSettings } from "./core/environment.ts";`,
    `import settings from "./settings.json";`,
    `const lambda = ${adapter}(handler, ${JSON.stringify(name)}, withSettings(process.env, settings));`,
  ];
}

/** Lists the modules of a file with their bytes in it. */
function writeModules(file: string, metafile: Metafile): void {
  const inputs = inputsOf(metafile).map(([module, bytes]) => [module, String(bytes)]);
  write(join(root, "dist", "maps", `${file}.txt`), table(["module", "bytes"], inputs));
}

function write(path: string, contents: OutputFile["contents"] | string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}

/** Exits after the help text, and with 2 for a wrong option. */
function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        quiet: { type: "boolean" },
        environment: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (!values.help) return values;
  } catch (error) {
    rejectOptions("build", error);
  }
  console.log(HELP);
  process.exit(0);
}

const kilobytes = (bytes: number): string => (bytes / KILOBYTE).toFixed(1);

/** Whether a bundle is larger than accepted. */
const isTooLarge = ({ bytes, budget }: Bundle): boolean =>
  bytes > (budget.accepted?.kB ?? budget.goal) * KILOBYTE;

function verdict(bundle: Bundle): string {
  if (isTooLarge(bundle)) return "OVER BUDGET";
  return bundle.bytes > bundle.budget.goal * KILOBYTE ? "over its goal" : "";
}

function report(bundles: readonly Bundle[]): string {
  const rows = bundles.map((bundle) => [
    bundle.file,
    kilobytes(bundle.bytes),
    kilobytes(bundle.gzipBytes),
    String(bundle.budget.goal),
    verdict(bundle),
  ]);
  const remarks = bundles
    .filter((bundle) => verdict(bundle) === "over its goal")
    .map(
      ({ file, budget }) =>
        `${file}: accepted up to ${budget.accepted?.kB} kB, since ${budget.accepted?.why}`,
    );
  return [table(["bundle", "kB", "gzip", "goal", ""], rows), ...remarks].join("\n");
}

const options = readOptions();
const settings = await readValidSettings(options).catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exit(1);
});
if (settings.note !== undefined) console.error(settings.note);
rmSync(join(root, "dist"), { recursive: true, force: true });
const publishedKeys = buildPublishedKeys();
const bundles = await Promise.all(
  endpoints().flatMap((endpoint) => targetsOf(endpoint).map((target) => bundle(endpoint, target))),
);
// The root is "type": "module"; the bundles are CommonJS.
writeFileSync(join(root, "dist", "package.json"), '{ "type": "commonjs" }\n');
const { compressedKb: chatKb, modules: chatModules } = await buildAssets();
const filesModules = await writeStaticFiles(OPTIONS);
await writeSettings(settings);
const emulatorModules = await buildEmulator();
const all = [
  ...(await publishedKeys).modules,
  ...bundles.flatMap(({ modules }) => modules),
  ...chatModules,
  ...filesModules,
  ...emulatorModules,
];
writeFileSync(join(root, "dist", "THIRD-PARTY-NOTICES.txt"), noticesOf(all));
writeFileSync(join(assetsFolder, "chat", "THIRD-PARTY-NOTICES.txt"), noticesOf(chatModules));
if (!options.quiet) {
  console.log(report(bundles));
  console.log(`chat page: ${chatKb.toFixed(1)} kB compressed, goal ${CHAT_BUDGET_KB}`);
}
if (chatKb > CHAT_BUDGET_KB) {
  console.error(
    `\nOver budget: the chat page has ${chatKb.toFixed(1)} kB compressed, goal ${CHAT_BUDGET_KB}.`,
  );
  process.exitCode = 1;
}
const over = bundles.filter(isTooLarge);
if (over.length > 0) {
  console.error(
    `\nOver budget: ${over.map(({ file }) => file).join(", ")}. See dist/maps/*.txt for the largest modules, or change tools/build/budgets.ts.`,
  );
  process.exitCode = 1;
}
for (const { file, strays } of bundles.filter((one) => one.strays.length > 0)) {
  console.error(`\n${file} cannot need ${strays.join("; ")}. See tools/build/contents.ts.`);
  process.exitCode = 1;
}
