// Executed by Twilio's own tools, `twilio serverless:deploy`, `twilio serverless:start` and `twilio-run`. What it throws
// stops them, where they would else upload no function and report success.
const { existsSync, readFileSync } = require("node:fs");
const { join } = require("node:path");
const { parseEnv } = require("node:util");
const { runInNewContext } = require("node:vm");
const { prepare } = require("./tools/build/when-stale.cjs");

/** Twilio's limits of a deployment's variables: one value, one key, and everything together, in bytes. */
const LARGEST = require("./tools/deploy/limits.json");

const inRoot = (...names) => join(__dirname, ...names);
// JSON5 is a subset of JavaScript's expressions.
const settings = runInNewContext(`(${readFileSync(inRoot(".twilioserviceconfig"), "utf8")})`);

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
      ? [
          `${key} has ${Buffer.byteLength(value)} bytes, and Twilio accepts ${LARGEST.value}: put it into settings.json, or use npm run deploy:twilio, which splits it`,
        ]
      : []),
  ]);
  const all = variables.reduce((sum, [key, value]) => sum + Buffer.byteLength(key + value), 0);
  if (all > LARGEST.all) problems.push(`all variables have ${all} bytes, and Twilio accepts ${LARGEST.all}`);
  if (problems.length > 0) throw new Error(`Nothing was deployed. ${file}: ${problems.join("; ")}.`);
}

const args = process.argv.slice(2);
const isCommand = (...names) =>
  args.some((arg) => names.includes(arg) || names.includes(arg.replace("serverless:", "")));

const optionOf = (option) => args.join("\n").match(new RegExp(`(?:^|\n)--${option}[=\n]([^\n]+)`))?.[1];

if (isCommand("deploy")) {
  checkVariables(optionOf("env") ?? inRoot(settings.env));
}
if (isCommand("deploy", "start", "dev", "run")) {
  // The tools' own default is dev.
  const environment = args.includes("--production") ? "production" : (optionOf("environment") ?? "dev");
  prepare(isCommand("deploy") ? environment : undefined);
}

// Twilio's tools stop when a file that is named is missing. Without one, a deploy sets no variables.
if (!existsSync(inRoot(settings.env))) delete settings.env;

module.exports = settings;
