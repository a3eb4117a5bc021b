import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { TwilioApi } from "../../infra/account/api.ts";
import { confirm } from "../../infra/account/terminal.ts";
import { UserError } from "../../infra/account/user-error.ts";
import { endpoints } from "../../infra/endpoints.ts";
import { readValidSettings, type Settings } from "../../infra/settings/read.ts";
import { runtimeHandler } from "../doctor/checks/project.ts";
import { contradictions, settings, sizes } from "../doctor/checks/settings.ts";
import { applyAccount, checkSettings, exitWith, printAddresses, runHere } from "./common.ts";
import { CloudEnvironment } from "./serverless.ts";
import { deployedNames, deployFile, isPartOf, partsOf } from "./variables.ts";

const HELP = `npm run deploy:twilio [-- options]

Checks the settings, builds, deploys to Twilio Functions, and sets the deployment's variables to the local ones. Variables
that are empty here are deleted there. Variables that are set there and missing here are listed. The settings of settings.json
are deployed with the functions.

  --environment NAME  The environment, the suffix of its domain (dev). Also reads settings.NAME.json
  --production        The environment without a suffix. Also reads settings.production.json
  --env PATH          Variables (.env, if it exists); those of the process take precedence
  --prune             Also deletes variables that are set there and missing here
  --webhooks          Also configures webhooks and the rest of the account: npm run account -- apply
  --no-webhooks       Does not configure the account, without asking
  --yes               npm run account -- apply then deletes and detaches without asking
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
  const read = await readValidSettings({ env: options.env, environment: suffix || "production" });
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
  const exitCode = await upload(deployFile(names, read.own), suffix);
  if (exitCode !== 0) return exitCode;
  const environment = await find();
  const count = await environment.countFunctions();
  if (count !== endpoints().length)
    throw new UserError(
      `Twilio runs ${count} functions, but ${endpoints().length} exist here. Deploy again.`,
    );
  await tidyVariables(environment, names, read, options.prune ?? false);
  const page = read.variables.INDEX_PAGE === "false" ? [] : [""];
  printAddresses(`https://${environment.domain}`, ...page, "chat/index.html", "openapi.json");
  const isWanted = options.webhooks ?? (await confirm("Set the account's webhooks for this deployment?", ""));
  return isWanted ? applyAccount(`https://${environment.domain}`, options, read) : 0;
}

/** @returns the names of the variables to set. @throws {UserError} for settings with which the deployment cannot work. */
async function check(api: TwilioApi, read: Settings): Promise<string[]> {
  const names = await deployedNames();
  await checkSettings(CHECKS, read, names, api);
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
    return await runHere(process.execPath, [tool, "deploy", "--env", file, ...environment]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function tidyVariables(
  environment: CloudEnvironment,
  names: readonly string[],
  { own }: Settings,
  prune: boolean,
): Promise<void> {
  const set = new Set(
    names.flatMap((name) => (own[name] ? partsOf(name, own[name]).map(([key]) => key) : [])),
  );
  const extra = (await environment.variables()).filter(({ key }) => !set.has(key));
  const isUnused = (key: string) => (names.includes(key) && own[key] === "") || isPartOf(key, names);
  const removed = extra.filter(({ key }) => prune || isUnused(key));
  for (const variable of removed) {
    await environment.removeVariable(variable);
    console.log(`Deleted there: ${variable.key}`);
  }
  const left = extra.filter((variable) => !removed.includes(variable)).map(({ key }) => key);
  if (left.length > 0) console.log(`Set there and missing here: ${left.join(", ")}. --prune deletes them.`);
}

function readOptions(): Options {
  try {
    return parseOptions();
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}

await exitWith(main);
