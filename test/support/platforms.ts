import { cpSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { root } from "../../infra/endpoints.ts";
import type { EventQueue } from "../../tools/local/lambda/event-queue.ts";
import { startLambda } from "../../tools/local/lambda/lambda.ts";
import { freePort, type RunOptions, startFunctions } from "../../tools/local/local.ts";
import { QUICK_START } from "./quick-start.ts";

/** The bundles, running on one of the two platforms. */
export interface Deployment {
  /** Base URL of the endpoints. */
  readonly url: string;
  /** The handlers' log. */
  output(): string;
  /** The event queue, on the platform that has one. */
  readonly queue?: EventQueue;
  stop(): Promise<void>;
}

/** One of the two platforms that the bundles are built for. */
export interface Platform {
  readonly name: string;
  /**
   * @param timeScale Factor for all limits and pauses of the handlers: see core/time-scale.ts.
   * @param folder The project, if it is a copy.
   */
  start(
    variables: Readonly<Record<string, string>>,
    timeScale?: number,
    folder?: string,
  ): Promise<Deployment>;
}

/** The bundles of `dist/twilio` under Twilio's local runtime. */
const twilioFunctions: Platform = {
  name: "Twilio Functions",
  // The runtime cannot listen on port 0, and another process may take the free port first.
  start: (variables, timeScale, folder) =>
    startOnFreePort((port) => startFunctions(variables, port, optionsOf(timeScale, folder))),
};

/** The bundles of `dist/lambda`, called with HTTP API events in a separate process. */
export const awsLambda: Platform = {
  name: "AWS Lambda",
  start: (variables, timeScale, folder) => startLambda(variables, optionsOf(timeScale, folder, QUICK_START)),
};

/** A scale is set by the process before it loads a bundle. */
function optionsOf(timeScale?: number, folder?: string, ...options: string[]): RunOptions {
  if (timeScale !== undefined)
    options.push(`--import=data:text/javascript,globalThis.parleyTimeScale=${timeScale}`);
  const env = options.length === 0 ? undefined : { NODE_OPTIONS: options.join(" ") };
  return omitUndefined({ folder, env });
}

/** Both, for `describe.each`. */
export const platforms: readonly Platform[] = [twilioFunctions, awsLambda];

/** A copy of what runs the bundles, with output of its own. @returns its folder, which the caller removes. */
export function copyOfBuild(): string {
  const folder = mkdtempSync(join(tmpdir(), "parley-build-"));
  const files = [
    ".twilioserviceconfig",
    "package.json",
    "dist/package.json",
    "dist/index.html",
    "dist/twilio",
    "dist/lambda",
  ];
  for (const file of files) cpSync(join(root, file), join(folder, file), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Starts what cannot listen on port 0, on a port that was free. */
export async function startOnFreePort<Started>(start: (port: number) => Promise<Started>): Promise<Started> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === 3 || !/already in use/.test(String(error))) throw error;
    }
  }
}
