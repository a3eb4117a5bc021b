import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { endpoints, handlerOf, root } from "../../infra/endpoints.ts";

/** If only Twilio may call, its gateway checks the signature too. */
const TWILIO_ALONE = "X-Twilio-Signature";

/**
 * The text of the entry points in `functions/`, by their path from the root: one for each file in `handlers/` and in
 * `handlers/<group>/`. Files in deeper folders are shared by the endpoints of a group.
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

/** Removes entry points without a handler, or with another suffix. @returns their files. */
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
