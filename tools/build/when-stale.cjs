// CommonJS without dependencies: Twilio's tools load it by `twilioserverless.config.cjs`, also in a clone without `npm ci`.
const { spawnSync } = require("node:child_process");
const { existsSync, readdirSync, statSync } = require("node:fs");
const { join } = require("node:path");

const SOURCES = [
  "assets",
  "core",
  "functions",
  "handlers",
  "infra",
  "docs/endpoints",
  "tools/build",
  "tools/reference",
];
const root = join(__dirname, "../..");

/** Whether the output is missing or older than its sources. */
function isStale(folder = root) {
  const built = join(folder, "dist/twilio/assets/openapi.json");
  if (!existsSync(built)) return true;
  const files = SOURCES.map((source) => join(folder, source)).flatMap((source) =>
    readdirSync(source, { recursive: true }).map((file) => join(source, file)),
  );
  const since = statSync(built).mtimeMs;
  return [...files, join(folder, "package-lock.json")].some((file) => statSync(file).mtimeMs > since);
}

/** Builds if the output is missing or older than the sources. Prints to standard error. @returns whether it did. */
function buildWhenStale(...options) {
  if (!isStale()) return false;
  process.stderr.write("Building the functions …\n");
  run(
    "The functions could not be built: see above, or run npm run build.",
    "tools/build/main.ts",
    ...options,
  );
  return true;
}

/** Builds if necessary, and writes the settings of `settings.json`, and of `settings.<environment>.json`, to the output. */
function prepare(environment) {
  const options = environment === undefined ? [] : ["--environment", environment];
  if (buildWhenStale("--quiet", ...options)) return;
  run("Nothing was deployed: see above.", "tools/build/settings.ts", ...options);
}

function run(message, ...args) {
  const node = join(root, "node_modules/node/bin", process.platform === "win32" ? "node.exe" : "node");
  const hasTools = existsSync(node) && existsSync(join(root, "node_modules/esbuild"));
  if (!hasTools)
    throw new Error("The functions are not built and the build tools are not installed: run npm ci.");
  // A tool may use standard output for JSON.
  const stdio = ["ignore", 2, 2];
  const { status } = spawnSync(node, args, { cwd: root, stdio });
  if (status !== 0) throw new Error(message);
}

module.exports = { buildWhenStale, isStale, prepare };
