import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../account/user-error.ts";
import { root } from "../endpoints.ts";

/** A value of a settings file. */
export interface FileValue {
  readonly value: unknown;
  /** The file's name. */
  readonly file: string;
}

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
  const files = ["settings.json", ...(environment === undefined ? [] : [`settings.${environment}.json`])];
  const values = new Map<string, FileValue>();
  for (const file of files.filter((name) => existsSync(join(folder, name))))
    for (const [name, value] of Object.entries(objectIn(file, readFileSync(join(folder, file), "utf8"))))
      values.set(name, { value, file });
  values.delete("$schema");
  return values;
}

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
