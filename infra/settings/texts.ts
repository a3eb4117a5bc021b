import * as v from "valibot";
import { readEnvironment } from "../../core/environment.ts";
import { Misconfigured } from "../../core/errors.ts";
import type { Variables } from "../account/file.ts";
import { type Declared, declaredVariables, OF_DEPLOYMENT } from "./declared.ts";
import { type FileValue, settingsFilesIn, valuesIn } from "./files.ts";
import { similarTo } from "./similar.ts";

/** The settings of the files as handlers read them. */
export interface FileSettings {
  /** Texts by the names of variables. Without settings that are `null` or empty, which count as unset. */
  readonly texts: Readonly<Record<string, string>>;
  /** What is wrong in the files: the file, the name, and what to do. */
  readonly problems: readonly string[];
}

/** Converts the values of the settings files to texts, and validates them with the handlers' own schemas. */
export async function fileSettings(values: ReadonlyMap<string, FileValue>): Promise<FileSettings> {
  // Importing all handlers takes a third of a second.
  if (values.size === 0) return { texts: {}, problems: [] };
  const declared = await declaredVariables();
  const texts = new Map<string, string>();
  const problems: string[] = [];
  for (const [name, { value, file }] of values) {
    const one = declared.get(name);
    if (one?.kind !== "setting") {
      problems.push(`${file}: ${rejection(name, one, declared)}`);
      continue;
    }
    const text = textOf(value, one.schemas);
    if (text === "") continue;
    if (text === undefined) problems.push(`${file}: ${name} must be ${formOf(one.schemas)}`);
    else {
      texts.set(name, text);
      problems.push(...problemsOf(name, text, one.schemas).map((problem) => `${file}: ${problem}`));
    }
  }
  return { texts: Object.fromEntries(texts), problems };
}

/**
 * What is wrong in all settings files of a folder: each is committed, whichever environment is built.
 *
 * @throws {UserError} for a file that is not a JSON object.
 */
export async function settingsProblems(folder?: string): Promise<string[]> {
  const read = settingsFilesIn(folder).map((file) => fileSettings(valuesIn(file, folder)));
  return (await Promise.all(read)).flatMap(({ problems }) => problems);
}

/** What is wrong in the variables that only the deployment reads. */
export const deploymentProblems = (variables: Variables): string[] =>
  Object.entries(OF_DEPLOYMENT).flatMap(([name, schema]) => {
    const value = variables[name];
    return value ? problemsOf(name, value, [schema]) : [];
  });

function rejection(name: string, one: Declared | undefined, declared: ReadonlyMap<string, Declared>): string {
  if (one?.kind === "secret")
    return `${name} is a secret: set it in .env, since this file is deployed with the code. If the file was committed, change the secret`;
  if (one?.kind === "internal") return `${name} cannot be a setting of a deployment; set it in .env`;
  if (one?.kind === "parameter")
    return `${name} is read by no endpoint; a parameter of the AWS template belongs in .env`;
  const settings = [...declared].flatMap(([known, { kind }]) => (kind === "setting" ? [known] : []));
  const meant = similarTo(name, settings);
  const hint = meant === undefined ? ".env.example describes every setting" : `did you mean ${meant}?`;
  return `${name} is read by no endpoint; ${hint}`;
}

/** The text that a variable of this value would have; undefined for a value of another type. */
function textOf(value: unknown, schemas: readonly v.GenericSchema[]): string | undefined {
  if (value === null) return "";
  if (typeof value === "string") return value;
  if (schemas.some((schema) => jsonPartOf(schema) !== undefined))
    return typeof value === "object" ? JSON.stringify(value) : undefined;
  const type = jsonTypeOf(schemas)?.type;
  if (type === "array" && Array.isArray(value))
    return value.every((item) => typeof item === "string" && !item.includes(",")) ? value.join() : undefined;
  return typeof value === (type === "integer" ? "number" : type) ? String(value) : undefined;
}

function formOf(schemas: readonly v.GenericSchema[]): string {
  if (schemas.some((schema) => jsonPartOf(schema) !== undefined)) return "a JSON object";
  const { type } = jsonTypeOf(schemas) ?? {};
  if (type === "array") return "a list of texts without commas";
  if (type === "integer") return "a whole number";
  return type === "boolean" ? "true or false" : "text";
}

function problemsOf(name: string, text: string, schemas: readonly v.GenericSchema[]): string[] {
  const found = schemas.flatMap((schema) => {
    try {
      readEnvironment({ [name]: schema }, { [name]: text });
      return [];
    } catch (error) {
      if (!(error instanceof Misconfigured)) throw error;
      return [error.message.replace(/^Environment: |\.$/g, "")];
    }
  });
  return [...new Set(found)];
}

/** The form of a variable that is not text in a settings file, by the metadata of its schema. */
export function jsonTypeOf(
  schemas: readonly v.GenericSchema[],
): (Readonly<Record<string, unknown>> & { readonly type: string }) | undefined {
  const [found] = schemas.flatMap((schema) => v.getMetadata(unwrapped(schema)).json ?? []);
  return found as ReturnType<typeof jsonTypeOf>;
}

/** The schema of the JSON value in a variable's text; undefined for a variable that is no JSON. */
export function jsonPartOf(schema: v.GenericSchema): v.GenericSchema | undefined {
  const inside = unwrapped(schema);
  if (!("pipe" in inside) || !Array.isArray(inside.pipe)) return undefined;
  const items: v.GenericSchema[] = inside.pipe;
  const parsed = items.findIndex(({ type }) => type === "parse_json");
  if (parsed === -1) return undefined;
  const [first, ...more] = items.slice(parsed + 1);
  return first?.kind === "schema" ? v.pipe(first, ...(more as [])) : v.unknown();
}

/** The schema inside `v.optional`. */
const unwrapped = (schema: v.GenericSchema): v.GenericSchema =>
  "wrapped" in schema ? (schema.wrapped as v.GenericSchema) : schema;
