import { existsSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { root } from "../endpoints.ts";
import { type Account, account } from "./schema.ts";
import { readJsonFile } from "./text-file.ts";
import { UserError } from "./user-error.ts";

/** Values by name, of `.env` and the process's environment. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** An account's file, ready to be compared. */
export interface ReadAccount {
  readonly account: Account;
  /** Values of variables whose names mark them as secret. */
  readonly secrets: readonly string[];
}

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;
const SECRET_NAME = /TOKEN|SECRET|PASSWORD|PRIVATE|KEY/;

/** Fields in which Twilio has variables with the same syntax: notification templates and content types. */
const NOT_REPLACED = ["template", "types"];

/**
 * Reads an account's file: merges the section of the environment, and replaces `${NAME}` in every text by the variable, or
 * `${NAME:-other}` by the default if it is unset or empty.
 *
 * @throws {UserError} that names all mistakes in the file, and all missing variables.
 */
export function readAccount(
  path: string,
  variables: Variables,
  environment: string | undefined,
): ReadAccount {
  const { $schema: _schema, environments, ...base } = asObject(readJsonFile(path, "--file"), path);
  const named =
    environment === undefined ? {} : sectionOf(asObject(environments ?? {}, path), environment, path);
  const missing = new Set<string>();
  const secrets = new Set<string>();
  const replaced = replaceVariables(merge(base, named), (variable, otherwise) => {
    const value = variables[variable] || otherwise;
    if (value === undefined) missing.add(variable);
    else if (SECRET_NAME.test(variable) && value !== "") secrets.add(value);
    return value ?? "";
  });
  if (missing.size > 0) {
    const hint = missing.has("PUBLIC_BASE_URL") ? " PUBLIC_BASE_URL may be given as --base-url." : "";
    throw new UserError(
      `${path} uses unset variables: ${[...missing].join(", ")}. Set them in .env or the environment.${hint}`,
    );
  }
  const read = v.safeParse(account, replaced);
  if (!read.success) throw new UserError(`${path}:\n${read.issues.map(describe).join("\n")}`);
  return { account: read.output, secrets: [...secrets] };
}

type Json = Readonly<Record<string, unknown>>;

function sectionOf(environments: Json, name: string, path: string): Json {
  if (Object.hasOwn(environments, name)) return asObject(environments[name], path);
  // The name may be that of a settings file only.
  if (existsSync(join(root, `settings.${name}.json`))) return {};
  const known = Object.keys(environments).join(", ") || "none";
  throw new UserError(`${path} has no environment ${name}; it has ${known}.`);
}

function asObject(value: unknown, path: string): Json {
  if (isObject(value)) return value;
  throw new UserError(`${path} must be a JSON object.`);
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function merge(base: Json, top: Json): Json {
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(top)) {
    const below = merged.get(key);
    merged.set(key, isObject(below) && isObject(value) ? merge(below, value) : value);
  }
  return Object.fromEntries(merged);
}

function replaceVariables(
  value: unknown,
  look: (name: string, otherwise: string | undefined) => string,
): unknown {
  if (typeof value === "string")
    return value.replaceAll(VARIABLE, (_, name: string, otherwise?: string) => look(name, otherwise));
  if (Array.isArray(value)) return value.map((item) => replaceVariables(item, look));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      NOT_REPLACED.includes(key) ? item : replaceVariables(item, look),
    ]),
  );
}

function describe(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? "the file";
  if (issue.expected === "never") return `  ${path} is not a known field`;
  return issue.received === "undefined" ? `  ${path} is missing` : `  ${path}: ${issue.message}`;
}
