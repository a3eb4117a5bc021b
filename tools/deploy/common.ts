import { join } from "node:path";
import type { TwilioApi } from "../../infra/account/api.ts";
import { INTERRUPTED } from "../../infra/account/terminal.ts";
import { sentence, UserError } from "../../infra/account/user-error.ts";
import { endpoints, root } from "../../infra/endpoints.ts";
import type { Settings } from "../../infra/settings/read.ts";
import type { Check, CheckContext } from "../doctor/check.ts";
import { unknownSettings } from "../doctor/checks/settings.ts";
import { withSources } from "../doctor/sources.ts";
import { runInTerminal } from "../local/process.ts";

/**
 * Runs a doctor's checks on the settings to deploy, and prints those that no endpoint reads.
 *
 * @throws {UserError} for settings with which the deployment cannot work.
 */
export async function checkSettings(
  checks: readonly Check[],
  { file, own, variables, problems, note, sourceOf }: Settings,
  names: readonly string[],
  api: TwilioApi,
): Promise<void> {
  if (variables.TWILIO_BASE_URL)
    throw new UserError("TWILIO_BASE_URL names an emulator, which a deployment cannot reach. Unset it.");
  if (note !== undefined) console.error(note);
  const accountFile = join(root, "infra/account/account.json");
  const named = names.filter((name) => own[name]);
  const context: CheckContext = { variables, problems, named, folder: root, accountFile, api };
  const found = (await Promise.all(checks.map((one) => one.run(context)))).flat();
  if (found.length > 0)
    throw new UserError(
      `Nothing was deployed.\n${found.map((issue) => `- ${withSources(issue, sourceOf)}`).join("\n")}`,
    );
  const inFile = Object.keys(file).filter((name) => file[name] && !names.includes(name));
  for (const issue of await unknownSettings.run({ ...context, named: inFile }))
    console.log(`! Not deployed: ${sentence(issue)}`);
}

/** Configures the account for a deployment: `npm run account -- apply`. @returns its exit code. */
export function applyAccount(
  baseUrl: string,
  { env, yes }: { readonly env?: string | undefined; readonly yes?: boolean | undefined },
  { added }: Settings,
): Promise<number> {
  const more = [...(env === undefined ? [] : ["--env", env]), ...(yes ? ["--yes"] : [])];
  const tool = join(root, "infra/account/main.ts");
  // The settings of this environment's file.
  return runHere(process.execPath, [tool, "apply", "--base-url", baseUrl, ...more], added);
}

/** Runs a program in this terminal, from the repository's folder. @returns its exit code. */
export async function runHere(
  program: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<number> {
  const end = await runInTerminal(program, args, { cwd: root, env: { ...process.env, ...variables } });
  return typeof end === "number" ? end : INTERRUPTED;
}

/** Prints the URLs of a deployment: further files, and the endpoints. */
export function printAddresses(baseUrl: string, ...files: readonly string[]): void {
  const paths = [...files, ...endpoints().map(({ name }) => name)];
  console.log(`\nDeployed to ${baseUrl}\n${paths.map((path) => `  ${baseUrl}/${path}`).join("\n")}\n`);
}

/** Runs a command, and exits with the code that it returns; with 1 and its message when it throws. */
export async function exitWith(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    console.error(error instanceof UserError ? error.message : error);
    process.exitCode = 1;
  }
}
