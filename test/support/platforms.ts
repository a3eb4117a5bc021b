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
export const twilioFunctions: Platform = {
  name: "Twilio Functions",
  start: async (variables) => startFunctions(variables, await freePort()),
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
