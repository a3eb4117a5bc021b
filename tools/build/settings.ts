import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { Plugin } from "esbuild";
import { queueFront } from "../../core/platforms/queue-front.ts";
import {
  assetsFolder,
  bundleFile,
  type Endpoint,
  endpoints,
  handlerOf,
  indexPageFile,
  root,
  type Target,
  targetsOf,
} from "../../infra/endpoints.ts";
import { OF_ADAPTERS } from "../../infra/settings/declared.ts";
import { readValidSettings, type Settings } from "../../infra/settings/read.ts";

type Texts = Readonly<Record<string, string>>;

/** Beside a Lambda bundle. */
const FILE = "settings.json";
/** For Twilio Functions, which may have 50 private assets: one for all of them. */
const ASSET = "settings.private.json";

/** Twilio serves the asset of this name, which is in a folder `assets`, at `/`. */
const INDEX_ASSET = "assets/index.html";

/** Keeps the settings out of a Lambda bundle, which is then the same in every environment. */
export const settingsApart: Plugin = {
  name: "settings",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/settings\.json$/ }, () => ({ path: `./${FILE}`, external: true }));
  },
};

/**
 * Writes the settings of `settings.json` to the built output: for each Lambda function the names that it declares. Twilio Functions
 * have the index page there, unless it is switched off.
 *
 * @param folder The project.
 */
export async function writeSettings(
  { texts, variables }: Pick<Settings, "texts" | "variables">,
  folder = root,
): Promise<void> {
  const inFolder = (path: string) => join(folder, relative(root, path));
  const page = inFolder(join(assetsFolder, INDEX_ASSET));
  mkdirSync(dirname(page), { recursive: true });
  if (variables.INDEX_PAGE === "false") rmSync(page, { force: true });
  else copyFileSync(inFolder(indexPageFile), page);
  const asset = inFolder(join(assetsFolder, ASSET));
  if (Object.keys(texts).length === 0) rmSync(asset, { force: true });
  else writeWhereChanged(asset, texts);
  for (const endpoint of endpoints())
    for (const target of targetsOf(endpoint).filter((one) => one !== "twilio")) {
      const file = join(dirname(inFolder(bundleFile(endpoint, target))), FILE);
      writeWhereChanged(file, await declaredOf(endpoint, target, texts));
    }
}

async function declaredOf(endpoint: Endpoint, target: Target, texts: Texts): Promise<Texts> {
  if (Object.keys(texts).length === 0) return texts;
  const { variables } = endpoint.isQueued && target === "lambda" ? queueFront : await handlerOf(endpoint);
  const isDeclared = (name: string) => name === OF_ADAPTERS || variables.includes(name);
  return Object.fromEntries(Object.entries(texts).filter(([name]) => isDeclared(name)));
}

/** Other processes may be reading the file. */
function writeWhereChanged(file: string, texts: Texts): void {
  const text = `${JSON.stringify(texts)}\n`;
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/* Called by twilioserverless.config.cjs. */
if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { values } = parseArgs({ options: { environment: { type: "string" } } });
  try {
    await writeSettings(await readValidSettings(values));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
