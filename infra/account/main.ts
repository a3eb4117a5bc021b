import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { root } from "../endpoints.ts";
import { readValidSettings } from "../settings/read.ts";
import { TwilioApi } from "./api.ts";
import { baseUrlOf } from "./base-url.ts";
import { type Change, takesAway } from "./change.ts";
import { Context } from "./context.ts";
import { readAccount, type Variables } from "./file.ts";
import { apply, plan, pull } from "./plan.ts";
import { countChanges, describeChange, withoutSecrets } from "./print.ts";
import { confirm, INTERRUPTED } from "./terminal.ts";
import { writeTextFile } from "./text-file.ts";
import { UserError } from "./user-error.ts";

const HELP = `npm run account -- plan | apply | drift | pull [options]

Configures a Twilio account as described in infra/account/account.json: webhooks, services, roles, timers, addresses, push
credentials, content templates, messaging services. docs/account.md describes the file.

  plan                Shows the differences, field by field, and changes nothing
  apply               Makes the changes. Resources that the file does not name are not changed
  drift               Exits with 0 without differences, 2 with differences, 1 on errors
  pull                Writes the file from the account's current state

  --base-url URL      Base URL of the deployed endpoints (PUBLIC_BASE_URL)
  --environment NAME  Merges this section of the file's "environments", and settings.NAME.json into settings.json
  --file PATH         The file (infra/account/account.json)
  --env PATH          Variables (.env, if it exists); those of the process take precedence, and settings.json is below
  --prune             Also deletes resources that a list of the file does not name
  --resend-secrets    Sends the secrets of push credentials again; Twilio does not show them
  --yes               Deletes and detaches without asking
  --force             pull: overwrites the file
  --help              This text

Credentials are the deployment's own: ACCOUNT_SID with TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET, or AUTH_TOKEN.`;

const COMMANDS = ["plan", "apply", "drift", "pull"] as const;
type Command = (typeof COMMANDS)[number];
const DIFFERS = 2;

type Options = ReturnType<typeof parseOptions>["values"];

let secrets: readonly string[] = [];
const print = (text: string) => console.log(withoutSecrets(text, secrets));
let isStopping = false;

async function main(): Promise<number> {
  const { values: options, command } = readOptions();
  if (options.help || command === undefined) {
    print(HELP);
    return options.help ? 0 : 1;
  }
  const variables = await readVariables(options);
  secrets = secretsOf(variables);
  const api = new TwilioApi(variables);
  const { prune = false, "resend-secrets": resendSecrets = false } = options;
  const newContext = () => new Context(api, { variables, prune, resendSecrets });
  const file = options.file ?? join(root, "infra/account/account.json");
  process.once("SIGINT", onInterrupt);
  process.once("SIGTERM", onInterrupt);
  if (command === "pull") return pullInto(file, newContext, options.force ?? false);

  const read = readAccount(file, variables, options.environment);
  secrets = [...secrets, ...read.secrets];
  print(
    `Account ${api.accountSid} at ${api.baseUrl ?? "Twilio"}, compared with ${relative(process.cwd(), file)}\n`,
  );
  const { changes, warnings } = await plan(read.account, newContext);
  for (const warning of warnings) print(`! ${warning}\n`);
  if (changes.length === 0) {
    print("No differences.");
    return 0;
  }
  if (command !== "apply") {
    for (const change of changes) print(describeChange(change));
    print(`\n${countChanges(changes)}`);
    return command === "drift" ? DIFFERS : 0;
  }
  const agreed = await agree(changes.filter(takesAway), options.yes ?? false);
  const made = await apply(read.account, newContext, {
    agreed,
    report: (change) => print(describeChange(change)),
    shouldStop: () => isStopping,
  });
  print(`\n${made} ${made === 1 ? "change" : "changes"} made.`);
  if (!isStopping) return 0;
  print("Stopped. Run the command again to make the remaining changes.");
  return INTERRUPTED;
}

/** The first signal lets the current request finish, so that its outcome is known. The next one exits at once. */
function onInterrupt(): void {
  isStopping = true;
  console.error("\nStopping after the current request …");
  process.once("SIGINT", () => process.exit(INTERRUPTED));
  process.once("SIGTERM", () => process.exit(INTERRUPTED));
}

async function agree(changes: readonly Change[], yes: boolean): Promise<ReadonlySet<string>> {
  const subjects = new Set(changes.map(({ subject }) => subject));
  if (subjects.size === 0 || yes) return subjects;
  print(`These changes remove something:\n\n${changes.map(describeChange).join("\n")}\n`);
  if (!(await confirm("Make these changes?", "Pass --yes to confirm.")))
    throw new UserError("Nothing was changed.");
  return subjects;
}

async function pullInto(file: string, newContext: () => Context, force: boolean): Promise<number> {
  if (existsSync(file) && !force)
    throw new UserError(`${file} exists. Pass --force to overwrite it, or --file PATH.`);
  const account = await pull(newContext);
  // A password in a webhook's URL must not be stored in the file.
  const text = JSON.stringify({ $schema: "./account.schema.json", ...account }, null, 2).replace(
    /(https?:\/\/[^\s/:@"]*):[^\s/@"]*@/g,
    (_, beginning: string) => `${beginning}:\${WEBHOOK_PASSWORD}@`,
  );
  writeTextFile(file, `${text}\n`, "--file");
  print(`Written: ${relative(process.cwd(), file)}`);
  return 0;
}

async function readVariables(options: Options): Promise<Variables> {
  const baseUrl = options["base-url"] === undefined ? undefined : baseUrlOf(options["base-url"]);
  const { variables, note } = await readValidSettings(options);
  if (note !== undefined) console.error(note);
  return { ...variables, ...omitUndefined({ PUBLIC_BASE_URL: baseUrl }) };
}

function secretsOf({ AUTH_TOKEN, TWILIO_API_KEY_SECRET }: Variables): string[] {
  return [AUTH_TOKEN, TWILIO_API_KEY_SECRET].flatMap((secret) => secret || []);
}

function parseOptions() {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  return parseArgs({
    allowPositionals: true,
    options: {
      "base-url": text,
      environment: text,
      file: text,
      env: text,
      prune: flag,
      "resend-secrets": flag,
      yes: flag,
      force: flag,
      help: { type: "boolean", short: "h" },
    },
  });
}

function readOptions(): { values: Options; command: Command | undefined } {
  let parsed: ReturnType<typeof parseOptions>;
  try {
    parsed = parseOptions();
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
  const [given, ...more] = parsed.positionals;
  const command = COMMANDS.find((one) => one === given);
  if (more.length > 0 || (given !== undefined && command === undefined))
    throw new UserError(`Unknown command: ${[given, ...more].join(" ")}.\n\n${HELP}`);
  return { values: parsed.values, command };
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const text =
      error instanceof UserError ? error.message : String(error instanceof Error ? error.stack : error);
    console.error(withoutSecrets(text, secrets));
    process.exitCode = 1;
  },
);
