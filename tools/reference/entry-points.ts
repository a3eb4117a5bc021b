import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { endpoints, handlerOf, root } from "../../infra/endpoints.ts";

/** Twilio's gateway checks the signature itself where nobody but Twilio may call. */
const TWILIO_ALONE = "X-Twilio-Signature";

/**
 * The entry points in `functions/` as they should be, by their path from the root: one for each file in `handlers/` and in
 * `handlers/<group>/`. Files further below are what the endpoints of a group share.
 */
export async function entryPoints(): Promise<ReadonlyMap<string, string>> {
  const names = endpointFiles("handlers").map((file) => file.slice(0, -".ts".length));
  const all = names.map(async (name): Promise<[string, string]> => {
    const { access } = await handlerOf({ handlerFile: `handlers/${name}.ts` });
    const suffix = access.schemes.join() === TWILIO_ALONE ? ".protected" : "";
    return [`functions/${name}${suffix}.ts`, entryPointOf(name)];
  });
  return new Map(await Promise.all(all));
}

/** Removes the entry points of handlers that are gone, or that others may call than before. @returns their files. */
export function removeStrayEntryPoints(known: ReadonlyMap<string, string>): string[] {
  const strays = endpoints().flatMap(({ functionFile }) => (known.has(functionFile) ? [] : [functionFile]));
  for (const file of strays) rmSync(join(root, file));
  return strays;
}

function endpointFiles(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  const groups = entries.filter((entry) => entry.isDirectory());
  const filesOf = (path: string, prefix: string) =>
    readdirSync(path).flatMap((file) => (file.endsWith(".ts") ? [`${prefix}${file}`] : []));
  return [
    ...filesOf(join(root, folder), ""),
    ...groups.flatMap(({ name }) => filesOf(join(root, folder, name), `${name}/`)),
  ];
}

function entryPointOf(name: string): string {
  const up = "../".repeat(name.split("/").length);
  return `import { twilioFunction } from "${up}core/platforms/twilio-functions.ts";
import definition from "${up}handlers/${name}.ts";

export const handler = twilioFunction(definition, "${name}");
`;
}
