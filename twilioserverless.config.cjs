// Executed by Twilio's own tools, `twilio serverless:deploy`, `twilio serverless:start` and `twilio-run`. What it throws
// stops them, where they would else upload no function and report success.
const { spawnSync } = require("node:child_process");
const { existsSync, readdirSync, readFileSync, statSync } = require("node:fs");
const { join } = require("node:path");
const { parseEnv } = require("node:util");
const { runInNewContext } = require("node:vm");

const SOURCES = ["assets", "core", "functions", "handlers", "infra", "tools/build", "tools/reference"];
/** Twilio's limits of a deployment's variables: one value, one key, and everything together, in bytes. */
const LARGEST = { value: 450, key: 128, all: 3_072 };

const inRoot = (...names) => join(__dirname, ...names);
// JSON5 is a subset of JavaScript's expressions.
const settings = runInNewContext(`(${readFileSync(inRoot(".twilioserviceconfig"), "utf8")})`);

function isStale() {
  const built = inRoot("dist/twilio/assets/openapi.json");
  if (!existsSync(built)) return true;
  const files = SOURCES.flatMap((folder) =>
    readdirSync(inRoot(folder), { recursive: true }).map((file) => inRoot(folder, file)),
  );
  const since = statSync(built).mtimeMs;
  return [...files, inRoot("package-lock.json")].some((file) => statSync(file).mtimeMs > since);
}

function build() {
  const node = inRoot("node_modules/node/bin", process.platform === "win32" ? "node.exe" : "node");
  const hasTools = existsSync(node) && existsSync(inRoot("node_modules/esbuild"));
  if (!hasTools) throw new Error("The functions are not built and the tools for it are missing: run npm ci.");
  process.stderr.write("Building the functions …\n");
  const { status } = spawnSync(node, ["tools/build/main.ts", "--quiet"], {
    cwd: __dirname,
    // The standard output belongs to the tool: `-o json`.
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) throw new Error("The functions could not be built: see above, or run npm run build.");
}

/** The tools set variables after the upload and stop at the first that Twilio refuses. */
function checkVariables(file) {
  if (!existsSync(file)) return;
  const variables = Object.entries(parseEnv(readFileSync(file, "utf8"))).filter(
    ([key, value]) => value !== "" && key !== "ACCOUNT_SID" && key !== "AUTH_TOKEN",
  );
  const problems = variables.flatMap(([key, value]) => [
    ...(Buffer.byteLength(key) > LARGEST.key
      ? [`${key} has a name of more than ${LARGEST.key} characters`]
      : []),
    ...(Buffer.byteLength(value) > LARGEST.value
      ? [`${key} has ${Buffer.byteLength(value)} bytes, and Twilio takes ${LARGEST.value}: shorten it`]
      : []),
  ]);
  const all = variables.reduce((sum, [key, value]) => sum + Buffer.byteLength(key + value), 0);
  if (all > LARGEST.all) problems.push(`all variables have ${all} bytes, and Twilio takes ${LARGEST.all}`);
  if (problems.length > 0) throw new Error(`Nothing was deployed. ${file}: ${problems.join("; ")}.`);
}

const args = process.argv.slice(2);
const isCommand = (...names) =>
  args.some((arg) => names.includes(arg) || names.includes(arg.replace("serverless:", "")));

if (isCommand("deploy")) {
  const [, flagged] = args.join("\n").match(/(?:^|\n)--env[=\n]([^\n]+)/) ?? [];
  checkVariables(flagged ?? inRoot(settings.env));
}
if (isCommand("deploy", "start", "dev", "run") && isStale()) build();

module.exports = settings;
