import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { TwilioApi } from "../../infra/account/api.ts";
import type { Variables } from "../../infra/account/file.ts";
import { confirm } from "../../infra/account/terminal.ts";
import { UserError } from "../../infra/account/user-error.ts";
import { root, variableNames } from "../../infra/endpoints.ts";
import { readValidSettings } from "../../infra/settings/read.ts";
import { type Parameter, parametersOf, rulesOf } from "../../infra/template/parameters.ts";
import { templateFile } from "../../infra/template/template.ts";
import { writeSettings } from "../build/settings.ts";
import { buildWhenStale } from "../build/stale.ts";
import { contradictions, settings } from "../doctor/checks/settings.ts";
import { AwsCli, requireTool } from "./aws-cli.ts";
import { applyAccount, checkSettings, exitWith, printAddresses, runHere } from "./common.ts";
import { checkParameters, overridesOf, valuesOf } from "./parameters.ts";
import { secretsLayerArn } from "./secrets-layer.ts";

const HELP = `npm run deploy:aws [-- options]

Checks the settings, builds, saves the secret settings in Secrets Manager, and deploys infra/template.yaml with \`sam deploy\`,
configured by infra/samconfig.toml. Then asks whether to configure the account's webhooks for it. Settings that are secret and empty here are deleted there; those that
are set there and missing here are listed. The settings of settings.json are deployed with the functions. Needs the AWS CLI and the SAM CLI, signed in.

  --stack NAME        Name of the stack (parley)
  --region REGION     AWS region (that of the AWS CLI)
  --secret NAME       Name of the secret (STACK/settings)
  --layer ARN         The layer of AWS's secrets extension, if the region is newer than this list
  --env PATH          Variables (.env, if it exists); those of the process take precedence
  --environment NAME  Also reads settings.NAME.json
  --prune             Also deletes secret settings that are set there and missing here
  --print             Prints the commands, and changes nothing
  --webhooks          Also configures webhooks and the rest of the account: npm run account -- apply
  --no-webhooks       Does not configure the account, without asking
  --yes               npm run account -- apply then deletes and detaches without asking
  --help              This text

Each parameter of the template is the setting of the same name: LogRetentionDays is LOG_RETENTION_DAYS.
Exits with 0 after a successful deployment.`;

const LAYER = "SecretsExtensionLayerArn";
/** Lambda sets them in each function. */
const SET_BY_LAMBDA = { AWS_ACCESS_KEY_ID: "set", AWS_SECRET_ACCESS_KEY: "set", AWS_REGION: "set" };
/** The URL of an emulator, which a deployed function cannot reach. */
const LOCAL_ONLY = "TWILIO_BASE_URL";

type Options = ReturnType<typeof parseOptions>;

function parseOptions() {
  const flag = { type: "boolean" } as const;
  const text = { type: "string" } as const;
  return parseArgs({
    allowNegative: true,
    options: {
      stack: { ...text, default: "parley" },
      region: text,
      secret: text,
      layer: text,
      env: text,
      environment: text,
      prune: flag,
      print: flag,
      webhooks: flag,
      yes: flag,
      help: { ...flag, short: "h" },
    },
  }).values;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  if (!options.print && options.webhooks === undefined && !process.stdin.isTTY)
    throw new UserError("There is no terminal to ask for confirmation. Pass --webhooks or --no-webhooks.");
  const read = await readValidSettings(options);
  const template = readFileSync(templateFile, "utf8");
  const parameters = parametersOf(template);
  const secretNames = await secretSettings(parameters);
  const names = [...secretNames, ...parameters.map(({ variable }) => variable)];
  const inFunction = { ...read, variables: { ...read.variables, ...SET_BY_LAMBDA } };
  await checkSettings([settings, contradictions], inFunction, names, new TwilioApi(read.variables));

  if (!options.print) await Promise.all([requireTool("aws"), requireTool("sam")]);
  const region = options.region ?? (await AwsCli.configuredRegion());
  if (region === undefined) throw new UserError("The region is not set. Pass --region, or set AWS_REGION.");
  const layer = options.layer ?? secretsLayerArn(region);
  if (layer === undefined)
    throw new UserError(
      `The secrets extension's layer is not known for ${region}. Pass --layer with the ARN from AWS's table.`,
    );
  const secretName = options.secret ?? `${options.stack}/settings`;
  const others = parameters.filter(({ name }) => name !== "SecretArn" && name !== LAYER);
  const values = { ...fromFiles(read.variables), ...given(read.own) };
  const checked = parameters.filter(({ name }) => name !== "SecretArn");
  checkParameters(checked, rulesOf(template), new Map([...valuesOf(others, values), [LAYER, layer]]));
  const deploy = (secretArn: string) => [
    ...["deploy", "--template-file", templateFile, "--config-file", join(root, "infra/samconfig.toml")],
    ...["--stack-name", options.stack, "--region", region, "--parameter-overrides"],
    ...[`SecretArn="${secretArn}"`, `${LAYER}="${layer}"`],
    ...overridesOf(others, values),
  ];
  if (options.print) {
    print(secretName, region, deploy("ARN_OF_THE_SECRET"), options);
    return 0;
  }
  buildWhenStale("--quiet");
  await writeSettings(read);
  const aws = new AwsCli(region);
  const secretArn = await saveSecret(aws, secretName, secretNames, read.own, options.prune ?? false);
  const exitCode = await runHere("sam", deploy(secretArn));
  if (exitCode !== 0) return exitCode;
  const baseUrl = (await aws.outputs(options.stack)).get("BaseUrl");
  if (baseUrl === undefined) throw new UserError(`The stack ${options.stack} has no output BaseUrl.`);
  printAddresses(baseUrl, ...(read.variables.INDEX_PAGE === "false" ? [] : ["", "openapi.json"]));
  const isWanted = options.webhooks ?? (await confirm("Set the account's webhooks for this deployment?", ""));
  return isWanted ? applyAccount(baseUrl, options, read) : 0;
}

/**
 * Parameters that settings of settings.json determine: the service, which is required, the index page, and the bucket that the
 * reactions write archives to, which the template gives the functions access to.
 */
function fromFiles({ POST_EVENT_REACTIONS: reactions, CHAT_SERVICE_SID, INDEX_PAGE }: Variables): Variables {
  const { archive } = JSON.parse(reactions || "{}") as { archive?: { bucket?: string } };
  return { ARCHIVE_BUCKET: archive?.bucket, CHAT_SERVICE_SID, INDEX_PAGE };
}

/** The settings that endpoints read and the template has no parameter for. */
async function secretSettings(parameters: readonly Parameter[]): Promise<string[]> {
  const names = await variableNames();
  for (const { variable } of parameters) names.delete(variable);
  names.delete(LOCAL_ONLY);
  return [...names].sort();
}

/** Makes the secret's content that of the settings. @returns its ARN. */
async function saveSecret(
  aws: AwsCli,
  name: string,
  names: readonly string[],
  variables: Variables,
  prune: boolean,
): Promise<string> {
  const old = await aws.secret(name);
  const before = new Map(Object.entries(old === undefined ? {} : contentOf(name, old.text)));
  const after = new Map(before);
  for (const key of names) {
    const value = variables[key];
    if (value) after.set(key, value);
    else if (value === "") after.delete(key);
  }
  const extra = [...before.keys()].filter((key) => after.has(key) && variables[key] === undefined);
  if (prune) for (const key of extra) after.delete(key);
  else if (extra.length > 0)
    console.log(`Set in the secret and missing here: ${extra.join(", ")}. --prune deletes them.`);
  for (const key of before.keys()) if (!after.has(key)) console.log(`Deleted from the secret: ${key}`);
  const text = JSON.stringify(Object.fromEntries(after));
  if (old !== undefined && text === JSON.stringify(Object.fromEntries(before))) return old.arn;
  const arn = await aws.saveSecret(name, text, old !== undefined);
  console.log(`${old === undefined ? "Created" : "Changed"} the secret ${name}.`);
  return arn;
}

function contentOf(name: string, text: string): Variables {
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === "object" && content !== null) return content as Variables;
  } catch {
    // Reported below, like any other content.
  }
  throw new UserError(`The secret ${name} holds no JSON object. Name another one with --secret.`);
}

const given = (variables: Variables): Variables =>
  Object.fromEntries(Object.entries(variables).filter(([, value]) => value));

function print(
  secretName: string,
  region: string,
  deploy: readonly string[],
  { stack, env, environment, webhooks, yes }: Options,
): void {
  const settings = environment === undefined ? [] : ["--environment", environment];
  const more = [...(env === undefined ? [] : ["--env", env]), ...settings, ...(yes ? ["--yes"] : [])];
  console.log(`npm run build${["", ...(settings.length > 0 ? ["--", ...settings] : [])].join(" ")}
# secret.json: the secret settings as one JSON object. put-secret-value --secret-id changes an existing secret.
aws secretsmanager create-secret --region ${region} --name ${shellQuoted(secretName)} --secret-string file://secret.json
sam ${deploy.map(shellQuoted).join(" ")}`);
  if (!webhooks) return;
  const query = "Stacks[0].Outputs[?OutputKey=='BaseUrl'].OutputValue";
  console.log(
    `npm run account -- apply ${more.map((word) => `${shellQuoted(word)} `).join("")}--base-url "$(aws cloudformation describe-stacks --region ${region} --stack-name ${shellQuoted(stack)} --query "${query}" --output text)"`,
  );
}

const shellQuoted = (text: string): string =>
  /^[\w./:=@,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

function readOptions(): Options {
  try {
    return parseOptions();
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}

await exitWith(main);
