import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { root } from "../../infra/endpoints.ts";
import { type NodeProcess, startNode } from "./process.ts";

/** The JSON line of `npm run emulator`: the emulator's URLs, and the credentials of its account. */
export interface EmulatorInfo {
  readonly url: string;
  readonly controlUrl: string;
  readonly consoleUrl: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiKeySid: string;
  readonly apiKeySecret: string;
  readonly chatServiceSid: string;
  readonly smsNumber: string;
  readonly whatsappNumber: string;
}

/** Starts the emulator as a separate process with these options (`--help`). Port 0 selects a free port. */
export async function startEmulatorProcess(
  ...options: readonly string[]
): Promise<NodeProcess & { readonly info: EmulatorInfo }> {
  const emulator = await startNode([join(root, "emulator/main.ts"), ...options], {
    env: {},
    isReady: (line) => line.startsWith("{"),
  });
  return { ...emulator, info: JSON.parse(emulator.readyLine) as EmulatorInfo };
}

/** How the functions are started. */
export interface RunOptions {
  /** Further variables of the runtime's or gateway's own process, such as the gateway's `PORT`. */
  readonly env?: Readonly<Record<string, string>>;
  /** The project. */
  readonly folder?: string;
  /** Called with each line of the log. */
  readonly onLine?: (line: string) => void;
}

/**
 * Starts the bundles of `dist/twilio` in Twilio's local runtime.
 *
 * @param variables The deployment's environment. Written to a file that only this user may read and that is deleted when the
 *   process is stopped.
 */
export async function startFunctions(
  variables: Readonly<Record<string, string>>,
  port: number,
  { env = {}, folder = root, onLine }: RunOptions = {},
): Promise<NodeProcess & { readonly url: string }> {
  const home = mkdtempSync(join(tmpdir(), "parley-"));
  const file = join(home, ".env");
  // Only the outer quotation marks are removed.
  const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'\n`);
  writeFileSync(file, lines.join(""), { mode: 0o600 });
  const run = join(root, "node_modules/twilio-run/bin/twilio-run.js");
  const url = `http://localhost:${port}`;
  const remove = () => rmSync(home, { recursive: true, force: true });
  // By default the runtime starts a process and loads the bundle for each request: six requests per second.
  const warm = ["--no-fork-process", "--no-live"];
  const settings = ["-c", ".twilioserviceconfig", "--env", file, "--port", String(port), ...warm];
  const functions = await startNode([run, "start", "--cwd", folder, ...settings], {
    env: { PATH: process.env.PATH ?? "", HOME: home, NO_UPDATE_NOTIFIER: "1", ...env },
    isReady: (line) => line.includes(`${url}/robots.txt`),
    // The runtime prompts for another port and waits for input.
    gaveUp: /already in use/,
    ...omitUndefined({ onLine }),
  }).catch((error: unknown) => {
    remove();
    throw error;
  });
  void functions.ended.then(remove);
  return { ...functions, url };
}

/** A TCP port that is free now. */
export function freePort(): Promise<number> {
  return listenOnce(0);
}

/** Whether something listens on a port already. */
export async function isPortTaken(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => false,
    () => true,
  );
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
