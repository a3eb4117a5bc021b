import { join } from "node:path";
import { parseArgs } from "node:util";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { TwilioApi } from "../../infra/account/api.ts";
import { baseUrlOf } from "../../infra/account/base-url.ts";
import { withoutSecrets } from "../../infra/account/print.ts";
import { UserError } from "../../infra/account/user-error.ts";
import { root } from "../../infra/endpoints.ts";
import { readSettings } from "../../infra/settings/read.ts";
import { rejectOptions } from "../wrong-option.ts";
import { type Check, type CheckContext, NotChecked } from "./check.ts";
import * as account from "./checks/account.ts";
import * as channels from "./checks/channels.ts";
import { ping, webhooks } from "./checks/deployment.ts";
import { build, node, runtimeHandler } from "./checks/project.ts";
import {
  contradictions,
  settings,
  settingsFiles,
  sizes,
  unknownSettings,
  unused,
} from "./checks/settings.ts";
import { withSources } from "./sources.ts";

const HELP = `npm run doctor [-- options]

Checks this project, its settings, the Twilio account and the deployment, and prints problems with advice. It
changes nothing and takes ten seconds at most. Exits with 0 when no check finds something or fails, otherwise with 1;
with 2 for a wrong option.

  --offline           Sends no request to Twilio or the deployment
  --json              Prints one JSON object
  --env PATH          Variables (.env); those of the process take precedence, and settings.json is below
  --environment NAME  Also applies settings.NAME.json
  --base-url URL      Base URL of the deployed endpoints (PUBLIC_BASE_URL)
  --help              This text`;

const LONGEST_MS = 9_500;
const CHECKS: readonly Check[] = [
  ...[node, runtimeHandler, build, settingsFiles, settings, unknownSettings, unused, contradictions, sizes],
  ...[account.credentials, account.service, account.clock],
  ...[channels.numbers, channels.senders, channels.templates, channels.campaigns],
  ...[account.pushCredentials, account.addresses, webhooks, ping, account.drift],
];

interface Result {
  readonly check: string;
  readonly description: string;
  /** `skipped`: there is nothing to check; `issues` has the reason. `unknown`: the check was not possible. */
  readonly status: "ok" | "wrong" | "skipped" | "unknown";
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
    if (error instanceof NotChecked) return { check: name, description, status: "skipped", issues };
    return { check: name, description, status: "unknown", issues };
  } finally {
    clearTimeout(timer);
  }
}

const MARKS = { ok: "ok     ", wrong: "WRONG  ", skipped: "-      ", unknown: "?      " } as const;

function render(results: readonly Result[]): string {
  const lines = results.flatMap(({ check, description, status, issues, advice }) => [
    `${MARKS[status]}${check}${remark({ description, status, issues })}`,
    ...(status === "skipped" ? [] : issues.map((issue) => `         ${issue}`)),
    ...(advice === undefined ? [] : [`         → ${advice}`]),
  ]);
  const count = (...wanted: readonly Result["status"][]) =>
    results.filter(({ status }) => wanted.includes(status)).length;
  const ends = [
    `${count("ok")} of ${results.length} checks passed`,
    `${count("wrong")} found something`,
    `${count("unknown")} failed`,
    `${count("skipped")} had nothing to check`,
  ];
  return [...lines, "", `${ends.filter((end) => !end.startsWith("0 ")).join(", ")}.`].join("\n");
}

/** The description says what is correct, so only a check that found nothing has it. */
function remark({ description, status, issues }: Pick<Result, "description" | "status" | "issues">): string {
  if (status === "skipped") return `: not checked, ${issues.join()}`;
  return status === "ok" ? `: ${description}` : "";
}

/** Exits with 2 for a wrong option. */
function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        offline: { type: "boolean" },
        json: { type: "boolean" },
        env: { type: "string" },
        environment: { type: "string" },
        "base-url": { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    const { "base-url": baseUrl } = values;
    return { ...values, baseUrl: baseUrl === undefined ? undefined : baseUrlOf(baseUrl) };
  } catch (error) {
    rejectOptions("doctor", error);
  }
}

async function main(): Promise<number> {
  const values = readOptions();
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const { file, variables: read, problems, note, sourceOf } = await readSettings(values);
  if (note !== undefined) console.error(note);
  const variables: CheckContext["variables"] = {
    ...read,
    ...omitUndefined({ PUBLIC_BASE_URL: values.baseUrl }),
  };
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
  console.log(withoutSecrets(text, secretsOf(variables)));
  return results.every(({ status }) => status === "ok" || status === "skipped") ? 0 : 1;
}

const SECRET_NAME = /AUTH_TOKEN|SECRET$|WEBHOOK_KEYS$|CREDENTIALS$|USERS/;
const SHORTEST_SECRET = 8;

const secretsOf = (variables: CheckContext["variables"]): string[] =>
  Object.entries(variables).flatMap(([name, value = ""]) =>
    SECRET_NAME.test(name) && value.length >= SHORTEST_SECRET ? [value] : [],
  );

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
  const message = error instanceof Error ? error.message : String(error);
  console.error(error instanceof UserError ? message : `${message}\n\n${HELP}`);
  process.exitCode = 1;
}
