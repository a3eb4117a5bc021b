import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UserError } from "../infra/account/user-error.ts";

/**
 * Creates a folder that the user has named, with its parents. Node's own `recursive` does not return for a folder below /proc.
 *
 * @param where Where it is named, such as the option `--out`.
 * @throws {UserError} if it cannot be created.
 */
export function makeFolder(path: string, where: string): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.unshift(at);
  try {
    for (const folder of missing) mkdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(`${where}: the folder ${path} cannot be created (${code}).`, { cause: error });
  }
  if (!statSync(path).isDirectory()) throw new UserError(`${where}: ${path} is a file, not a folder.`);
}
