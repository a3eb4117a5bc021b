import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { TwilioApi } from "../../infra/account/api.ts";
import { readEnvFile, type Settings } from "../../infra/account/env-file.ts";
import { confirm, INTERRUPTED } from "../../infra/account/terminal.ts";
import { UserError } from "../../infra/account/user-error.ts";
import { endpoints, root } from "../../infra/endpoints.ts";
import type { CheckContext } from "../doctor/check.ts";
import { runtimeHandler } from "../doctor/checks/project.ts";
import { contradictions, settings, sizes, unknownSettings } from "../doctor/checks/settings.ts";
import { runInTerminal } from "../local/process.ts";
import { CloudEnvironment } from "./serverless.ts";
import { deployedNames, deployFile } from "./variables.ts";

const HELP = `npm run deploy:twilio [-- options]

Checks the settings, builds, deploys to Twilio Functions, and sets the deployment's variables to the local ones. Variables
that are empty here are deleted there. Variables that are set there and missing here are listed.

  --environment NAME  The environment, the suffix of its domain (dev)
  --production        The environment without a suffix
  --env PATH          Settings (.env, if it exists); the process's variables take precedence
  --prune             Also deletes variables that are set there and missing here
  --webhooks          Also configures webhooks and the rest of the account: npm run account -- apply
  --no-webhooks       Does not configure the account, without asking
  --yes               Passed to npm run account: deletes and detaches without asking
  --rollback          Activates the previous deployment. Variables are not changed
  --help              This text

Credentials: ACCOUNT_SID with TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET, or AUTH_TOKEN. Exits with 0 after a successful deployment.`;

const CHECKS = [runtimeHandler, settings, contradictions, sizes];

type Options = ReturnType<typeof parseOptions>;

function parseOptions() {
  const flag = { type: "boolean" } as const;
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      environment: { type: "string" },
      env: { type: "string" },
      production: flag,
      prune: flag,
      webhooks: flag,
      yes: flag,
      rollback: flag,
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.production && values.environment !== undefined)
    throw new UserError("Pass --environment or --production, not both.");
  return values;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const suffix = options.production ? "" : (options.environment ?? "dev");
  const read = readEnvFile(options.env);
  const api = new TwilioApi(read.variables);
  const { serviceName } = createRequire(import.meta.url)("../../twilioserverless.config.cjs");
  const find = () => CloudEnvironment.find(api, serviceName, suffix);
  if (options.rollback) {
    const environment = await find();
    const buildSid = await environment.rollBack();
    console.log(`${environment.domain} runs build ${buildSid} again. Variables were not rolled back.`);
    return 0;
  }
  if (options.webhooks === undefined && !process.stdin.isTTY)
    throw new UserError("There is no terminal to ask for confirmation. Pass --webhooks or --no-webhooks.");

  const names = await check(api, read);
  const exitCode = await upload(deployFile(names, read.variables), suffix);
  if (exitCode !== 0) return exitCode;
  const environment = await find();
  const count = await environment.countFunctions();
  if (count !== endpoints().length)
    throw new UserError(
      `Twilio runs ${count} functions, but ${endpoints().length} exist here. Deploy again.`,
    );
  await tidyVariables(environment, names, read, options.prune ?? false);
  printAddresses(environment.domain);
  const isWanted = options.webhooks ?? (await confirm("Set the account's webhooks for this deployment?", ""));
  return isWanted ? applyAccount(environment.domain, options) : 0;
}

/** @returns the names of the variables to set. @throws {UserError} for settings with which the deployment cannot work. */
async function check(api: TwilioApi, { file, variables }: Settings): Promise<string[]> {
  if (variables.TWILIO_BASE_URL)
    throw new UserError("TWILIO_BASE_URL names an emulator, which a deployment cannot reach. Unset it.");
  const names = await deployedNames();
  const named = names.filter((name) => variables[name]);
  const accountFile = join(root, "infra/account/account.json");
  const context: CheckContext = { variables, named, folder: root, accountFile, api };
  const found = await Promise.all(CHECKS.map((one) => one.run(context)));
  if (found.flat().length > 0)
    throw new UserError(
      `Nothing was deployed.\n${found
        .flat()
        .map((issue) => `- ${issue}`)
        .join("\n")}`,
    );
  for (const issue of await unknownSettings.run({
    ...context,
    named: Object.keys(file).filter((name) => file[name]),
  }))
    console.log(`! Not deployed: ${issue}.`);
  return names;
}

/** Runs Twilio's tool, which builds by `twilioserverless.config.cjs`. @returns its exit code. */
async function upload(variables: string, suffix: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "parley-deploy-"));
  try {
    const file = join(folder, "variables");
    writeFileSync(file, variables, { mode: 0o600 });
    const tool = createRequire(import.meta.url).resolve("twilio-run/bin/twilio-run.js");
    const environment = suffix === "" ? ["--production"] : ["--environment", suffix];
    return await runNode([tool, "deploy", "--env", file, ...environment]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function tidyVariables(
  environment: CloudEnvironment,
  names: readonly string[],
  { variables }: Settings,
  prune: boolean,
): Promise<void> {
  const extra = (await environment.variables()).filter(({ key }) => !(names.includes(key) && variables[key]));
  const removed = extra.filter(({ key }) => prune || (names.includes(key) && variables[key] === ""));
  for (const variable of removed) {
    await environment.removeVariable(variable);
    console.log(`Deleted there: ${variable.key}`);
  }
  const left = extra.filter((variable) => !removed.includes(variable)).map(({ key }) => key);
  if (left.length > 0) console.log(`Set there and missing here: ${left.join(", ")}. --prune deletes them.`);
}

function printAddresses(domain: string): void {
  const paths = ["chat/index.html", "openapi.json", ...endpoints().map(({ name }) => name)];
  console.log(
    `\nDeployed to https://${domain}\n${paths.map((path) => `  https://${domain}/${path}`).join("\n")}\n`,
  );
}

function applyAccount(domain: string, { env, yes }: Options): Promise<number> {
  const more = [...(env === undefined ? [] : ["--env", env]), ...(yes ? ["--yes"] : [])];
  return runNode([join(root, "infra/account/main.ts"), "apply", "--base-url", `https://${domain}`, ...more]);
}

/** Runs a program in this terminal. @returns its exit code. */
async function runNode(args: readonly string[]): Promise<number> {
  const end = await runInTerminal(process.execPath, args, { cwd: root });
  return typeof end === "number" ? end : INTERRUPTED;
}

function readOptions(): Options {
  try {
    return parseOptions();
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof UserError ? error.message : error);
    process.exitCode = 1;
  },
);
