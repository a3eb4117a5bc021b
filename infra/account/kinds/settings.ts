import type { Resource } from "../api.ts";
import { type Change, differencesOf, flatten, formOfDifferences, valueAt } from "../change.ts";
import type { Context } from "../context.ts";

/** Settings that exist once, at one path. */
export interface Settings {
  readonly subject: string;
  /** Undefined while the resource that they belong to does not exist yet. */
  readonly path: string | undefined;
}

/** The change of settings that differ, if they do. */
export async function planSettings(
  context: Context,
  { subject, path }: Settings,
  wanted: ReadonlyMap<string, unknown>,
): Promise<Change[]> {
  const actual = path === undefined ? {} : await context.api.fetch("conversations", path);
  const differences = differencesOf(wanted, actual);
  if (differences.length === 0) return [];
  const run = async () =>
    path !== undefined && (await context.api.post("conversations", path, formOfDifferences(differences)));
  return [{ action: "update", subject, differences, run }];
}

/** The fields that are set, in the form of the file. */
export function pulled<Section extends object>(actual: Resource, fields: readonly string[]): Section {
  const section: Record<string, unknown> = Object.create(null);
  for (const field of fields) {
    const value = valueAt(actual, field);
    if (value === null || value === undefined || value === "") continue;
    const keys = field.split(".");
    const last = keys.pop() ?? field;
    let target = section;
    for (const key of keys) {
      target[key] ??= Object.create(null);
      target = target[key] as Record<string, unknown>;
    }
    target[last] = value;
  }
  return section as Section;
}

/** Settings whose fields in the file are named as Twilio names them. */
export function planFields(context: Context, settings: Settings, section: object): Promise<Change[]> {
  return planSettings(context, settings, flatten(section));
}
