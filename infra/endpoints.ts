import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Handler } from "../core/handler.ts";

/** The repository's root. */
export const root = join(import.meta.dirname, "..");

/** An endpoint in `functions/`. */
export interface Endpoint {
  /** Path below the deployment's base URL and below `handlers/`, such as `whatsapp/opt-in`. */
  readonly name: string;
  /** The Twilio Functions entry point, relative to the root. */
  readonly functionFile: string;
  readonly handlerFile: string;
  /** Whether Twilio's gateway checks the signature too. */
  readonly isProtected: boolean;
  /** Whether its events are queued on Lambda: one function enqueues them, and another one handles them. */
  readonly isQueued: boolean;
  /** Whether its long calls continue through a queue on Lambda, handled by a second function with the same code. */
  readonly isContinued: boolean;
}

/** Endpoints of post-event webhooks: Twilio does not deliver these again, and ignores the answer. */
const QUEUED = [
  "webhooks/conversation",
  "webhooks/post-event",
  "whatsapp/opt-in-reply",
  "whatsapp/send-receipt",
];

/** Endpoints whose work may take longer than a call. */
const CONTINUED = ["users/erase", "users/export"];

const ENTRY_POINT = /^(.+?)(\.protected)?\.ts$/;

/** Every endpoint, in order of name. */
export function endpoints(): Endpoint[] {
  const folder = join(root, "functions");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files
    .map((entry) => posixPath(folder, join(entry.parentPath, entry.name)))
    .map((file) => {
      const [, name, isProtected] = ENTRY_POINT.exec(file) ?? [];
      if (name === undefined) throw new Error(`functions/${file} is not a TypeScript entry point.`);
      return {
        name,
        functionFile: `functions/${file}`,
        handlerFile: `handlers/${name}.ts`,
        isProtected: isProtected !== undefined,
        isQueued: QUEUED.includes(name),
        isContinued: CONTINUED.includes(name),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A file's path from a folder, with slashes on every system, as in URLs. */
export const posixPath = (folder: string, file: string): string =>
  relative(folder, file).replaceAll(sep, "/");

/** The definition of an endpoint. */
export async function handlerOf({ handlerFile }: Pick<Endpoint, "handlerFile">): Promise<Handler> {
  const { default: handler } = await import(pathToFileURL(join(root, handlerFile)).href);
  return handler;
}

/** The environment variables that some endpoint reads. */
export async function variableNames(): Promise<Set<string>> {
  const handlers = await Promise.all(endpoints().map(handlerOf));
  return new Set(handlers.flatMap(({ variables }) => variables));
}

/** The bundles of an endpoint: a Twilio Function, a Lambda function, and for one with a queue its consumer. */
export type Target = "twilio" | "lambda" | "consumer";

/** The targets of an endpoint. */
export const targetsOf = ({ isQueued, isContinued }: Endpoint): readonly Target[] =>
  isQueued || isContinued ? ["twilio", "lambda", "consumer"] : ["twilio", "lambda"];

/** The path of an endpoint's bundle, written by `npm run build`. */
export function bundleFile({ name, functionFile }: Endpoint, target: Target): string {
  if (target === "twilio") return join(root, "dist/twilio", `${functionFile.slice(0, -3)}.js`);
  return join(root, "dist/lambda", target === "consumer" ? `${name}-consumer` : name, "index.js");
}

/** The path of the built OpenAPI description. */
export const openApiFile = join(root, "dist/openapi.json");

/** The path of the built index page. */
export const indexPageFile = join(root, "dist/index.html");

/** The folder of the Lambda function that serves the index page and the OpenAPI description. */
export const filesFunctionFolder = join(root, "dist/lambda/index");

/** The folder of built static files that are deployed with the Twilio Functions. */
export const assetsFolder = join(root, "dist/twilio/assets");
