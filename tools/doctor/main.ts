import { join } from "node:path";
import { parseArgs } from "node:util";
import { TwilioApi } from "../../infra/account/api.ts";
import { withoutSecrets } from "../../infra/account/print.ts";
import { root } from "../../infra/endpoints.ts";
import { readSettings } from "../../infra/settings/read.ts";
import type { Check, CheckContext } from "./check.ts";
import * as account from "./checks/account.ts";
import { webhook } from "./checks/deployment.ts";
import { build, node, runtimeHandler } from "./checks/project.ts";
import { contradictions, settings, settingsFiles, sizes, unknownSettings } from "./checks/settings.ts";
import { withSources } from "./sources.ts";

const HELP = `npm run doctor [-- options]

Checks this project, its settings, the Twilio account and the deployment, and prints problems with advice. It
changes nothing and takes ten seconds at most. Exits with 0 when all checks pass, otherwise with 1.

  --offline           Sends no request to Twilio or the deployment
  --json              Prints one JSON object
  --env PATH          Variables (.env); those of the process take precedence, and settings.json is below
  --environment NAME  Also reads settings.NAME.json
  --help              This text`;

const LONGEST_MS = 9_500;
const CHECKS: readonly Check[] = [
  ...[node, runtimeHandler, build, settingsFiles, settings, unknownSettings, contradictions, sizes],
  ...Object.values(account),
  webhook,
];

interface Result {
  readonly check: string;
  readonly description: string;
  /** `unknown`: the check was not possible. */
  readonly status: "ok" | "wrong" | "unknown";
  readonly issues: readonly string[];
  readonly advice?: string;
}

async function examine(check: Check, context: CheckContext): Promise<Result> {
  const { name, description, advice } = check;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("it took longer than ten seconds")), LONGEST_MS);
  });
  try {
    const issues = await Promise.race([check.run(context), late]);
    if (issues.length === 0) return { check: name, description, status: "ok", issues };
    return { check: name, description, status: "wrong", issues, advice };
  } catch (error) {
    const issues = [error instanceof Error ? error.message : String(error)];
    return { check: name, description, status: "unknown", issues, advice };
  } finally {
    clearTimeout(timer);
  }
}

const MARKS = { ok: "ok     ", wrong: "WRONG  ", unknown: "?      " } as const;

function render(results: readonly Result[]): string {
  const lines = results.flatMap(({ check, description, status, issues, advice }) => [
    `${MARKS[status]}${check}: ${description}`,
    ...issues.map((issue) => `         ${issue}`),
    ...(advice === undefined ? [] : [`         → ${advice}`]),
  ]);
  const wrong = results.filter(({ status }) => status !== "ok").length;
  return [
    ...lines,
    "",
    wrong === 0 ? "All checks passed." : `${wrong} of ${results.length} checks found something.`,
  ].join("\n");
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      offline: { type: "boolean" },
      json: { type: "boolean" },
      env: { type: "string" },
      environment: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const { file, variables, problems, sourceOf } = await readSettings(values);
  const named = Object.keys(file).filter((name) => variables[name]);
  const accountFile = join(root, "infra/account/account.json");
  const api = openApi(variables);
  const context: CheckContext = { variables, problems, named, folder: root, accountFile, api };
  const checks = CHECKS.filter(({ isOnline }) => !(isOnline && values.offline));
  const examined = await Promise.all(checks.map((check) => examine(check, context)));
  const results = examined.map((one) => ({
    ...one,
    issues: one.issues.map((issue) => withSources(issue, sourceOf)),
  }));
  const text = values.json ? JSON.stringify({ results }, null, 2) : render(results);
  const secrets = [
    "AUTH_TOKEN",
    "AUTH_TOKEN_NEXT",
    "WEBHOOK_KEYS",
    "TWILIO_API_KEY_SECRET",
    "JWT_SECRET",
    "HOOK_SECRET",
  ];
  console.log(
    withoutSecrets(
      text,
      secrets.flatMap((name) => variables[name] || []),
    ),
  );
  return results.every(({ status }) => status === "ok") ? 0 : 1;
}

/** Missing credentials are reported by the settings check. */
function openApi(variables: CheckContext["variables"]): TwilioApi | undefined {
  try {
    return new TwilioApi(variables, LONGEST_MS / 2);
  } catch {
    return undefined;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  process.exitCode = 1;
}
