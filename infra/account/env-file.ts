import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { root } from "../endpoints.ts";
import type { Variables } from "./file.ts";
import { UserError } from "./user-error.ts";

/** The settings of a deployment. */
export interface Settings {
  /** What the file says. */
  readonly file: Variables;
  /** The file's, and the process's own variables on top. */
  readonly variables: Variables;
}

/** Reads `.env`, where there is one, or the file that `--env` names. @throws {UserError} when that file is missing. */
export function readSettings(path: string | undefined): Settings {
  const file = path ?? join(root, ".env");
  if (path !== undefined && !existsSync(file)) throw new UserError(`--env: there is no file ${file}.`);
  const read: Variables = existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
  return { file: read, variables: { ...read, ...process.env } };
}
