import { readdirSync } from "node:fs";
import { join, relative } from "node:path";

/** The repository's root. */
export const root = join(import.meta.dirname, "..");

/** An endpoint as the tree of `functions/` has it. */
export interface Endpoint {
  /** Path below the deployment's address and below `handlers/`, such as `whatsapp/opt-in`. */
  readonly name: string;
  /** The Twilio Functions entry point, relative to the root. */
  readonly functionFile: string;
  readonly handlerFile: string;
  /** Whether Twilio's gateway checks the signature too. */
  readonly isProtected: boolean;
}

const ENTRY_POINT = /^(.+?)(\.protected)?\.ts$/;

/** Every endpoint, in order of name. */
export function endpoints(): Endpoint[] {
  const folder = join(root, "functions");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .map((file) => {
      const [, name, isProtected] = ENTRY_POINT.exec(file) ?? [];
      if (name === undefined) throw new Error(`functions/${file} is no TypeScript entry point.`);
      return {
        name,
        functionFile: `functions/${file}`,
        handlerFile: `handlers/${name}.ts`,
        isProtected: isProtected !== undefined,
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Where `npm run build` writes an endpoint's bundle. */
export function bundleFile({ name, functionFile }: Endpoint, platform: "twilio" | "lambda"): string {
  const file = platform === "twilio" ? `${functionFile.slice(0, -3)}.js` : `${name}/index.js`;
  return join(root, "dist", platform, file);
}
