import { readFileSync, writeFileSync } from "node:fs";
import { UserError } from "./user-error.ts";

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", "does not exist"],
  ["ENOTDIR", "does not exist"],
  ["EISDIR", "is a folder, not a file"],
  ["EACCES", "may not be read by this user"],
]);

/**
 * Reads a file that the user has named.
 *
 * @param where Where it is named, such as the option `--file`.
 * @throws {UserError} in one sentence if it cannot be read.
 */
export function readTextFile(path: string, where: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = REASONS.get(code);
    throw new UserError(`${where}: ${reason === undefined ? message : `${path} ${reason}`}.`, {
      cause: error,
    });
  }
}

/** Writes a file that the user has named. @throws {UserError} in one sentence if it cannot be written. */
export function writeTextFile(path: string, text: string, where: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(`${where}: ${path} cannot be written (${code}).`, { cause: error });
  }
}

/** The value in a JSON file that the user has named. @throws {UserError} as {@link readTextFile}, or if it is not JSON. */
export function readJsonFile(path: string, where: string): unknown {
  const text = readTextFile(path, where);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${where}: ${path} is not JSON: ${error instanceof Error ? error.message : error}.`);
  }
}
