import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import {
  assetsFolder,
  filesFunctionFolder,
  indexPageFile,
  openApiFile,
  root,
} from "../../infra/endpoints.ts";
import { describeEndpoints } from "../reference/description.ts";
import { openApi } from "../reference/openapi.ts";
import { inputsOf } from "./contents.ts";
import { indexPage } from "./index-page.ts";

const FUNCTION = `import { filesFunction } from "./core/platforms/lambda-files.ts";
export const handler = filesFunction(__dirname);`;

/**
 * Writes the OpenAPI description and the index page: among the assets of Twilio Functions, and with the function that serves them on
 * Lambda.
 *
 * @param options Those of every bundle.
 * @returns the paths of the modules in that function.
 */
export async function writeStaticFiles(options: BuildOptions): Promise<readonly string[]> {
  const endpoints = await describeEndpoints();
  const description = openApi(endpoints);
  writeFileSync(openApiFile, `${JSON.stringify(description, null, 2)}\n`);
  cpSync(openApiFile, join(assetsFolder, "openapi.json"));
  writeFileSync(indexPageFile, await indexPage(endpoints.all, description));
  mkdirSync(filesFunctionFolder, { recursive: true });
  for (const [file, name] of [
    [openApiFile, "openapi.json"],
    [indexPageFile, "index.html"],
  ] as const)
    cpSync(file, join(filesFunctionFolder, name));
  const { metafile } = await build({
    ...options,
    stdin: { contents: FUNCTION, resolveDir: root, sourcefile: "lambda/files.ts", loader: "ts" },
    ...{ outfile: join(filesFunctionFolder, "index.js"), sourcemap: false, metafile: true },
  });
  return inputsOf(metafile).map(([module]) => module);
}
