import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNode } from "./process.ts";

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

const root = join(import.meta.dirname, "../..");

const lambda: Platform = {
  name: "AWS Lambda",
  async start(variables) {
    const gateway = join(root, "test/support/lambda-gateway.ts");
    const process = await startNode([gateway], {
      env: { ...variables },
      isReady: (line) => line.startsWith("http://"),
    });
    return { url: process.line, output: process.output, stop: process.stop };
  },
};

const functions: Platform = {
  name: "Twilio Functions",
  async start(variables) {
    const folder = mkdtempSync(join(tmpdir(), "parley-"));
    const file = join(folder, ".env");
    writeFileSync(
      file,
      Object.entries(variables)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(""),
    );
    const port = await freePort();
    const run = join(root, "node_modules/twilio-run/bin/twilio-run.js");
    const args = [
      run,
      "start",
      "-c",
      ".twilioserviceconfig",
      "--env",
      file,
      "--port",
      String(port),
      "--no-fork-process",
    ];
    const process = await startNode(args, {
      env: { PATH: globalThis.process.env.PATH ?? "", HOME: folder, NO_UPDATE_NOTIFIER: "1" },
      isReady: (line) => line.includes(`http://localhost:${port}/robots.txt`),
    });
    return {
      url: `http://localhost:${port}`,
      output: process.output,
      async stop() {
        await process.stop();
        rmSync(folder, { recursive: true });
      },
    };
  },
};

/** Both platforms, for `describe.each`. */
export const platforms: readonly Platform[] = [functions, lambda];

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
