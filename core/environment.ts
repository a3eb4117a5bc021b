import * as v from "valibot";
import { Misconfigured } from "./errors.ts";
import type { Sid } from "./sid.ts";

/** Environment variables by name, on either platform. */
export type Environment = Readonly<Record<string, unknown>>;

/** The variables that a part of a handler reads, each with its schema. */
export type EnvironmentEntries = Record<string, v.GenericSchema>;

/** The parsed values of `Entries`. */
export type EnvironmentOf<Entries extends EnvironmentEntries> = v.InferOutput<
  v.ObjectSchema<Entries, undefined>
>;

/**
 * Reads a handler's variables, once, at cold start.
 *
 * An empty variable counts as unset: both platforms' consoles make it easy to save one by mistake.
 *
 * @throws {Misconfigured} naming every variable that is missing or wrong, and never its value.
 */
export function readEnvironment<Entries extends EnvironmentEntries>(
  entries: Entries,
  environment: Environment,
): EnvironmentOf<Entries> {
  const given: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(entries)) {
    const value = environment[name];
    if (value !== "" && value !== undefined) given[name] = value;
  }
  const read = v.safeParse(v.object(entries), given);
  if (read.success) return read.output;
  const problems = read.issues.map((issue) => {
    const [variable = "environment", ...inside] = (v.getDotPath(issue) ?? "").split(".");
    if (!Object.hasOwn(given, variable)) return `${variable} is missing`;
    const path = inside.length === 0 ? variable : `${variable}, at ${inside.join(".")},`;
    if (issue.expected === "never") return `${path} has a setting that does not exist`;
    return issue.received === "undefined" ? `${path} is missing` : `${path} ${issue.message}`;
  });
  throw new Misconfigured(`Environment: ${[...new Set(problems)].join("; ")}.`);
}

/**
 * An environment in which some variables have other values. All others are read from the given one by name, and never listed: on
 * Twilio Functions, reading some properties of the context writes a warning.
 */
export const withVariables = (environment: Environment, values: Environment): Environment =>
  Object.create(
    environment,
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, enumerable: true }])),
  );

/** Adds the settings of `settings.json`, texts by the names of variables. A variable of the same name, unless empty, wins. */
export const withSettings = (
  environment: Environment,
  settings: Readonly<Record<string, string>>,
): Environment =>
  withVariables(
    environment,
    Object.fromEntries(Object.entries(settings).filter(([name]) => !environment[name])),
  );

/** A secret: at least 16 characters, so that an empty or placeholder value is rejected at start. */
export const secret = () =>
  v.pipe(v.string(), v.minLength(16, "is too short to be a secret (16 characters at least)"));

/** A SID with the given two-letter prefix, such as `AC` or `IS`. */
export const sidVariable = <Prefix extends string>(prefix: Prefix) =>
  v.pipe(
    v.string(),
    v.regex(
      new RegExp(`^${prefix}[0-9a-fA-F]{32}$`),
      `must be a SID of the form ${prefix} and 32 hexadecimal digits`,
    ),
  ) as v.GenericSchema<string, Sid<Prefix>>;

/** An absolute `http:` or `https:` URL, without the slash at its end. */
export const urlVariable = () =>
  v.pipe(
    v.string(),
    v.check(
      (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
      "must be an absolute http(s) URL",
    ),
    v.transform((text) => text.replace(/\/+$/, "")),
  );

/** A list separated by commas. */
export const listVariable = () =>
  v.pipe(
    v.string(),
    v.metadata({ json: { type: "array", items: { type: "string" } } }),
    v.transform((text) =>
      text
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== ""),
    ),
  );

/** A whole number between two bounds. */
export const integerVariable = (least: number, most: number) =>
  v.pipe(
    v.string(),
    v.metadata({ json: { type: "integer", minimum: least, maximum: most } }),
    v.regex(/^\d+$/, "must be a whole number"),
    v.transform(Number),
    v.check((value) => value >= least && value <= most, `must lie between ${least} and ${most}`),
  );

/** `true` or `false`. */
export const switchVariable = () =>
  v.pipe(
    v.picklist(["true", "false"], 'must be "true" or "false"'),
    v.metadata({ json: { type: "boolean" } }),
    v.transform((text) => text === "true"),
  );
