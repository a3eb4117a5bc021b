import type { EventQueue } from "../../tools/local/lambda/event-queue.ts";
import { startLambda } from "../../tools/local/lambda/lambda.ts";
import { freePort, startFunctions } from "../../tools/local/local.ts";

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
  /** @param timeScale Factor for all limits and pauses of the handlers: see core/time-scale.ts. */
  start(variables: Readonly<Record<string, string>>, timeScale?: number): Promise<Deployment>;
}

/** The bundles of `dist/twilio` under Twilio's local runtime. */
const twilioFunctions: Platform = {
  name: "Twilio Functions",
  // The runtime cannot listen on port 0, and another process may take the free port first.
  start: (variables, timeScale) =>
    startOnFreePort((port) => startFunctions(variables, port, scaledBy(timeScale))),
};

/** The bundles of `dist/lambda`, called with HTTP API events in a separate process. */
export const awsLambda: Platform = {
  name: "AWS Lambda",
  start: (variables, timeScale) => startLambda(variables, scaledBy(timeScale)),
};

/** Makes a process set the scale before it loads a bundle. */
const scaledBy = (timeScale: number | undefined): Record<string, string> =>
  timeScale === undefined
    ? {}
    : { NODE_OPTIONS: `--import=data:text/javascript,globalThis.parleyTimeScale=${timeScale}` };

/** Both, for `describe.each`. */
export const platforms: readonly Platform[] = [twilioFunctions, awsLambda];

async function startOnFreePort<Started>(start: (port: number) => Promise<Started>): Promise<Started> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === 3 || !/already in use/.test(String(error))) throw error;
    }
  }
}
