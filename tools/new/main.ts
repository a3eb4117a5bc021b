import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { UserError } from "../../infra/account/user-error.ts";
import { root } from "../../infra/endpoints.ts";
import { filesOf } from "./files.ts";

const HELP = `npm run new -- GROUP/NAME

Creates an endpoint: an initial handler and test, and with \`npm run reference\` its entry point in functions, the
draft of its page and its function in the SAM template. GROUP is optional.

  npm run new -- users/rename`;

const NAME = /^([a-z][a-z0-9]*(-[a-z0-9]+)*\/)?[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

try {
  process.exitCode = create(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = error instanceof UserError ? 2 : 1;
}

function create(args: readonly string[]): number {
  const name = readName(args);
  if (name === undefined) {
    console.log(HELP);
    return 0;
  }
  const files = filesOf(name);
  const taken = [...files.keys()].find((file) => existsSync(join(root, file)));
  if (taken !== undefined) throw new UserError(`${taken} already exists.`);
  for (const [file, text] of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
    console.log(`Wrote ${file}`);
  }
  const reference = join(root, "tools/reference/main.ts");
  const { status } = spawnSync(process.execPath, [reference], { stdio: "inherit" });
  if (status !== 0) return 1;
  console.log(`
Next: write the handler and its test, the first paragraph and the example of docs/endpoints/${name}.md, and a line in
CHANGELOG.md. Then npm run reference, npm run build, npx vitest run test/handlers/${name}.test.ts`);
  return 0;
}

function readName(args: readonly string[]): string | undefined {
  let parsed: { values: { help?: boolean }; positionals: string[] };
  try {
    parsed = parseArgs({
      args: [...args],
      options: { help: { type: "boolean", short: "h" } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
  if (parsed.values.help) return undefined;
  const [name = "", ...others] = parsed.positionals;
  if (others.length > 0 || !NAME.test(name))
    throw new UserError(`Pass one name such as users/rename, of lower-case words with hyphens.\n\n${HELP}`);
  return name;
}
