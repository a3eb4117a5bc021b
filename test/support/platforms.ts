import { join } from "node:path";
import { root } from "../../infra/endpoints.ts";
import { freePort, startFunctions } from "../../infra/local.ts";
import { startNode } from "../../infra/process.ts";

/** The bundles, up and answering on one of the two platforms. */
export interface Deployment {
  /** Address below which the endpoints are. */
  readonly url: string;
  /** What the handlers have logged. */
  output(): string;
  stop(): Promise<void>;
}

/** One of the two platforms that the bundles are made for. */
export interface Platform {
  readonly name: string;
  start(variables: Readonly<Record<string, string>>): Promise<Deployment>;
}

/** The bundles of `dist/twilio` under Twilio's local runtime. */
const twilioFunctions: Platform = {
  name: "Twilio Functions",
  // The runtime cannot choose its own port, and another process may take a free one before it does.
  start: (variables) => startOnFreePort((port) => startFunctions(variables, port)),
};

/** The bundles of `dist/lambda`, called with HTTP API events in a process of their own. */
export const awsLambda: Platform = {
  name: "AWS Lambda",
  async start(variables) {
    const gateway = join(root, "test/support/lambda-gateway.ts");
    const process = await startNode([gateway], {
      env: { ...variables },
      isReady: (line) => line.startsWith("http://"),
    });
    return { ...process, url: process.readyLine };
  },
};

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
