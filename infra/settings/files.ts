import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../account/user-error.ts";
import { root } from "../endpoints.ts";

/** A value of a settings file. */
export interface FileValue {
  readonly value: unknown;
  /** The file's name. */
  readonly file: string;
}

const BASE_FILE = "settings.json";

/**
 * The values of `settings.json`, and of `settings.<environment>.json` on top: a name in the second replaces the whole value. Neither
 * file must exist.
 *
 * @throws {UserError} for a file that is not a JSON object, or an environment that cannot be part of a file's name.
 */
export function readSettingsFiles(
  environment: string | undefined,
  folder = root,
): ReadonlyMap<string, FileValue> {
  if (environment !== undefined && !/^[\w-]+$/.test(environment))
    throw new UserError(`--environment: ${environment} must consist of letters, digits, "-" and "_".`);
  const files = [BASE_FILE, ...(environment === undefined ? [] : [fileOf(environment)])];
  return new Map(
    files.filter((name) => existsSync(join(folder, name))).flatMap((file) => [...valuesIn(file, folder)]),
  );
}

/** The names of all settings files, of every environment. */
export const settingsFilesIn = (folder = root): string[] =>
  readdirSync(folder).filter((name) => /^settings(\.[\w-]+)?\.json$/.test(name));

/** The values of one settings file. @throws {UserError} for a file that is not a JSON object. */
export function valuesIn(file: string, folder = root): ReadonlyMap<string, FileValue> {
  const content = objectIn(file, readFileSync(join(folder, file), "utf8"));
  const values = Object.entries(content).map(([name, value]) => [name, { value, file }] as const);
  return new Map(values.filter(([name]) => name !== "$schema"));
}

/** A note about an environment without a file where others have one: its name may be misspelled. */
export function missingFileNote(environment: string | undefined, folder = root): string | undefined {
  const others = settingsFilesIn(folder).filter((name) => name !== BASE_FILE);
  if (environment === undefined || others.length === 0 || others.includes(fileOf(environment)))
    return undefined;
  return `Note: ${fileOf(environment)} does not exist, so only ${BASE_FILE} applies. There is ${others.join(", ")}.`;
}

const fileOf = (environment: string) => `settings.${environment}.json`;

function objectIn(file: string, text: string): object {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${file}: ${error instanceof Error ? error.message : error}`);
  }
  if (typeof content === "object" && content !== null && !Array.isArray(content)) return content;
  throw new UserError(`${file} must be a JSON object of settings, such as {"TOKEN_TTL": 7200}.`);
}
