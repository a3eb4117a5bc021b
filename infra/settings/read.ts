import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { parseEnv } from "node:util";
import type { Variables } from "../account/file.ts";
import { readTextFile } from "../account/text-file.ts";
import { sentence, UserError } from "../account/user-error.ts";
import { root } from "../endpoints.ts";
import { missingFileNote, readSettingsFiles } from "./files.ts";
import { deploymentProblems, fileSettings, settingsProblems } from "./texts.ts";

/** The settings of a deployment. */
export interface Settings {
  /** Those of `.env`. */
  readonly file: Variables;
  /** Those of `.env`, overridden by the process's environment. */
  readonly own: Variables;
  /** The same, and where one is unset or empty that of the settings files: what a deployment reads. */
  readonly variables: Variables;
  /** Those of the settings files, as texts. */
  readonly texts: Readonly<Record<string, string>>;
  /** The ones of them that no variable overrides. */
  readonly added: Readonly<Record<string, string>>;
  /** What is wrong in the settings files, also in those of other environments. */
  readonly problems: readonly string[];
  /** What may be a mistake in the choice of the environment. */
  readonly note: string | undefined;
  /** The file that a setting comes from, or `the environment`. */
  sourceOf(name: string): string | undefined;
}

/** Where settings are read. */
interface Sources {
  /** The file that `--env` names. `.env`, if it exists, unless given. */
  readonly env?: string | undefined;
  /** The environment whose `settings.<environment>.json` is on top of `settings.json`. */
  readonly environment?: string | undefined;
}

/** Reads all settings. @throws {UserError} for a file that is missing or no JSON object. */
export async function readSettings({ env, environment }: Sources): Promise<Settings> {
  const path = env ?? join(root, ".env");
  const isRead = env !== undefined || existsSync(path);
  const file: Variables = isRead ? parseEnv(readTextFile(path, "--env")) : {};
  const own: Variables = { ...file, ...process.env };
  const values = readSettingsFiles(environment);
  const [{ texts }, problems] = await Promise.all([fileSettings(values), settingsProblems()]);
  const added = Object.fromEntries(Object.entries(texts).filter(([name]) => !own[name]));
  return {
    ...{ file, own, texts, added, problems, note: missingFileNote(environment) },
    variables: { ...own, ...added },
    sourceOf(name) {
      if (process.env[name]) return "the environment";
      return file[name] ? basename(path) : values.get(name)?.file;
    },
  };
}

/** The same. @throws {UserError} also for settings files and a variable of the build with mistakes, which names all of them. */
export async function readValidSettings(sources: Sources): Promise<Settings> {
  const settings = await readSettings(sources);
  const source = settings.sourceOf("INDEX_PAGE");
  const ofBuild = deploymentProblems(settings.own).map((problem) => `${source}: ${problem}`);
  const problems = [...settings.problems, ...ofBuild];
  if (problems.length === 0) return settings;
  throw new UserError(problems.map(sentence).join("\n"));
}
