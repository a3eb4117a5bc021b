import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { root } from "../endpoints.ts";
import type { Variables } from "./file.ts";
import { UserError } from "./user-error.ts";

/** The settings of a deployment. */
export interface Settings {
  /** The file's settings. */
  readonly file: Variables;
  /** The file's settings, overridden by the process's environment. */
  readonly variables: Variables;
}

/** Reads the file that `--env` names, otherwise `.env` if it exists. @throws {UserError} if the named file is missing. */
export function readEnvFile(path: string | undefined): Settings {
  const file = path ?? join(root, ".env");
  if (path !== undefined && !existsSync(file)) throw new UserError(`--env: there is no file ${file}.`);
  const read: Variables = existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
  return { file: read, variables: { ...read, ...process.env } };
}
