import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import type { Handler } from "../core/handler.ts";

/** The repository's root. */
export const root = join(import.meta.dirname, "..");

/** An endpoint in `functions/`. */
export interface Endpoint {
  /** Path below the deployment's address and below `handlers/`, such as `whatsapp/opt-in`. */
  readonly name: string;
  /** The Twilio Functions entry point, relative to the root. */
  readonly functionFile: string;
  readonly handlerFile: string;
  /** Whether Twilio's gateway checks the signature too. */
  readonly isProtected: boolean;
  /** Whether its events wait in a queue on Lambda: one function takes them in, and another one handles them. */
  readonly isQueued: boolean;
}

/** Those whose events have happened: Twilio does not deliver them again, and does not read the answer. */
const QUEUED = [
  "webhooks/conversation",
  "webhooks/post-event",
  "whatsapp/opt-in-reply",
  "whatsapp/send-receipt",
];

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
      if (name === undefined) throw new Error(`functions/${file} is not a TypeScript entry point.`);
      return {
        name,
        functionFile: `functions/${file}`,
        handlerFile: `handlers/${name}.ts`,
        isProtected: isProtected !== undefined,
        isQueued: QUEUED.includes(name),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The definition of an endpoint. */
export async function handlerOf({ handlerFile }: Pick<Endpoint, "handlerFile">): Promise<Handler> {
  const { default: handler } = await import(pathToFileURL(join(root, handlerFile)).href);
  return handler;
}

/** The bundles of an endpoint: a Twilio Function, a Lambda function, and for a queued one the queue's consumer. */
export type Target = "twilio" | "lambda" | "consumer";

/** The targets of an endpoint. */
export const targetsOf = ({ isQueued }: Endpoint): readonly Target[] =>
  isQueued ? ["twilio", "lambda", "consumer"] : ["twilio", "lambda"];

/** Where `npm run build` writes an endpoint's bundle. */
export function bundleFile({ name, functionFile }: Endpoint, target: Target): string {
  if (target === "twilio") return join(root, "dist/twilio", `${functionFile.slice(0, -3)}.js`);
  return join(root, "dist/lambda", target === "consumer" ? `${name}-consumer` : name, "index.js");
}

/** Where it writes the OpenAPI description of all of them. */
export const openApiFile = join(root, "dist/openapi.json");

/** Where it puts the static files that are deployed with the Twilio Functions. */
export const assetsFolder = join(root, "dist/twilio/assets");
