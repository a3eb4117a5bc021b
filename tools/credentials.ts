import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { basicEntry } from "../core/access/basic.ts";
import { UserError } from "../infra/account/user-error.ts";
import { endpoints, handlerOf } from "../infra/endpoints.ts";

const HELP = `npm run --silent credentials -- NAME [--scope SCOPE]…

Creates basic credentials for a tool that accepts them only in a URL, https://NAME:PASSWORD@…
Prints the password on the first line and its entry for BASIC_CREDENTIALS on the second. The password is not stored.

  --scope SCOPE   A scope of the tool; repeatable. Default: conversations:read

  npm run --silent credentials -- crm --scope conversations:read --scope conversations:write`;

/** 192 bits, so that an unsalted hash of it cannot be brute-forced. */
const PASSWORD_BYTES = 24;

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = error instanceof UserError ? 2 : 1;
}

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = read(args);
  if (values.help) return console.log(HELP);
  const [name = "", ...others] = positionals;
  if (others.length > 0 || !/^[A-Za-z0-9._~-]{1,64}$/.test(name)) {
    throw new UserError(
      `Pass one name of letters, digits and . _ ~ - only, since it is part of a URL.\n\n${HELP}`,
    );
  }
  const known = await scopesInUse();
  const unknown = values.scope.find((scope) => !known.includes(scope));
  if (unknown !== undefined) {
    throw new UserError(`No endpoint requires the scope ${unknown}. The scopes are ${known.join(" and ")}.`);
  }
  const password = randomBytes(PASSWORD_BYTES).toString("base64url");
  console.log(password);
  console.log(JSON.stringify({ [name]: basicEntry(password, values.scope) }));
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h" },
        scope: { type: "string", multiple: true, default: ["conversations:read"] },
      },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}

async function scopesInUse(): Promise<string[]> {
  const handlers = await Promise.all(endpoints().map(handlerOf));
  const schemes = handlers.flatMap(({ access }) => access.schemes);
  const scopes = schemes.flatMap((scheme) => /^Authorization: Basic \(scope (.+)\)$/.exec(scheme)?.[1] ?? []);
  return [...new Set(scopes)].sort();
}
