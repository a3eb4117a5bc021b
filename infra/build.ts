import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build, type OutputFile } from "esbuild";
import { type Endpoint, endpoints, root } from "./endpoints.ts";
import { table } from "./table.ts";

type PlatformName = "twilio" | "lambda";

/** A bundle as it was written. */
interface Bundle {
  readonly file: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  readonly budget: number;
}

const KILOBYTE = 1_000;

/**
 * Largest size of a minified bundle, in kB. A bundle that grows beyond it fails the build. Verifying bearer tokens costs
 * 18 kB (jose), schemas 8 kB (valibot), and Twilio's resource classes 50 kB.
 */
function budgetOf({ name, isProtected }: Endpoint): Record<PlatformName, number> {
  if (name === "token") return { twilio: 42, lambda: 48 };
  if (name === "token-service") return { twilio: 20, lambda: 28 };
  return isProtected ? { twilio: 100, lambda: 106 } : { twilio: 125, lambda: 131 };
}

/** CommonJS on both platforms: an ES module's import of a built-in runs every getter of it, up to 26 ms. */
const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node22",
  minify: true,
  // Lets go of regular expressions that nothing uses.
  pure: ["RegExp"],
  legalComments: "none",
  // Beside the bundles and not in them: an inline map is parsed at every cold start.
  sourcemap: "external",
  logLevel: "warning",
} as const satisfies BuildOptions;

async function bundle(endpoint: Endpoint, platform: PlatformName): Promise<Bundle> {
  const file =
    platform === "twilio" ? `${endpoint.functionFile.slice(0, -3)}.js` : `${endpoint.name}/index.js`;
  const outfile = join(root, "dist", platform, file);
  const { outputFiles } = await build({ ...OPTIONS, ...entryOf(endpoint, platform), outfile, write: false });
  for (const output of outputFiles) {
    const isMap = output.path.endsWith(".map");
    write(isMap ? join(root, "dist", "maps", platform, `${file}.map`) : output.path, output);
  }
  const contents = readFileSync(outfile);
  return {
    file: `dist/${platform}/${file}`,
    bytes: contents.length,
    gzipBytes: gzipSync(contents).length,
    budget: budgetOf(endpoint)[platform] * KILOBYTE,
  };
}

function entryOf(endpoint: Endpoint, platform: PlatformName): BuildOptions {
  if (platform === "twilio") return { entryPoints: [endpoint.functionFile] };
  const contents = [
    `import handler from "./${endpoint.handlerFile}";`,
    `import { lambdaHandler } from "./core/platforms/lambda.ts";`,
    `const lambda = lambdaHandler(handler, ${JSON.stringify(endpoint.name)});`,
    `export { lambda as handler };`,
  ].join("\n");
  return { stdin: { contents, resolveDir: root, sourcefile: `lambda/${endpoint.name}.ts`, loader: "ts" } };
}

function write(path: string, output: OutputFile): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, output.contents);
}

const kilobytes = (bytes: number): string => (bytes / KILOBYTE).toFixed(1);

function report(bundles: readonly Bundle[]): string {
  const rows = bundles.map(({ file, bytes, gzipBytes, budget }) => [
    file,
    kilobytes(bytes),
    kilobytes(gzipBytes),
    kilobytes(budget),
    bytes > budget ? "OVER BUDGET" : "",
  ]);
  return table(["bundle", "kB", "gzip", "budget", ""], rows);
}

rmSync(join(root, "dist"), { recursive: true, force: true });
const bundles = await Promise.all(
  (["twilio", "lambda"] as const).flatMap((platform) =>
    endpoints().map((endpoint) => bundle(endpoint, platform)),
  ),
);
// The root is "type": "module"; what is built is not.
writeFileSync(join(root, "dist", "package.json"), '{ "type": "commonjs" }\n');
console.log(report(bundles));
const over = bundles.filter(({ bytes, budget }) => bytes > budget);
if (over.length > 0) {
  console.error(
    `\nOver budget: ${over.map(({ file }) => file).join(", ")}. See what grew in dist/maps, or change infra/build.ts.`,
  );
  process.exitCode = 1;
}
