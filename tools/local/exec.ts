import { mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { UserError } from "../../infra/account/user-error.ts";
import { root } from "../../infra/endpoints.ts";
import { clientEnvironment } from "./client-environment.ts";
import type { EmulatorInfo } from "./local.ts";
import { runInTerminal, startNode } from "./process.ts";

const HELP = `npm run exec -- [--emulator URL] COMMAND [ARGUMENTS…]

Runs any unchanged program that uses Twilio against the emulator: the emulator is its proxy for *.twilio.com,
and rejects every other host, which is printed. The program gets the emulator's credentials as TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, and must
sign in with them: others are rejected, as by Twilio. Exits with the program's exit code. Chromium and Chrome get the flags for it, with a
separate profile, and so do those that Playwright starts.

  --emulator URL   A running emulator that was started with --proxy; otherwise one is started for the command
  --help           This text`;

/** An emulator that is also a proxy. */
interface ProxyInfo extends EmulatorInfo {
  readonly caFile?: string;
  readonly serverKeyHash?: string;
}

async function main(args: readonly string[]): Promise<number | NodeJS.Signals> {
  const { command, emulatorUrl, wantsHelp } = readArguments(args);
  const [program, ...rest] = command;
  if (wantsHelp || program === undefined) {
    console.log(HELP);
    return wantsHelp ? 0 : 2;
  }
  const folder = mkdtempSync(join(tmpdir(), "parley-exec-"));
  const emulator = emulatorUrl === undefined ? await startEmulator() : undefined;
  try {
    const info = emulator?.info ?? (await findEmulator(String(emulatorUrl)));
    const env = { ...process.env, ...variablesOf(info, folder) };
    const flags = isChromium(program) ? [...flagsOf(info), ...profileFlags(rest, folder)] : [];
    return await runInTerminal(program, [...flags, ...rest], { env }).catch(
      (error: NodeJS.ErrnoException) => {
        throw error.code === "ENOENT" ? new UserError(`Command not found: ${program}.`) : error;
      },
    );
  } finally {
    await emulator?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Options end where the command begins. */
function readArguments(args: readonly string[]) {
  let emulatorUrl: string | undefined;
  for (let i = 0; i < args.length; i += 1) {
    const argument = args[i] ?? "";
    if (argument === "--help") return { command: [], emulatorUrl, wantsHelp: true };
    if (argument === "--emulator") {
      i += 1;
      emulatorUrl = args[i];
      if (!URL.canParse(emulatorUrl ?? "")) throw new UserError("--emulator must be a URL.");
    } else if (argument.startsWith("-") && argument !== "--") {
      throw new UserError(`Unknown option ${argument}. Try --help.`);
    } else {
      return { command: args.slice(argument === "--" ? i + 1 : i), emulatorUrl, wantsHelp: false };
    }
  }
  return { command: [], emulatorUrl, wantsHelp: false };
}

async function startEmulator() {
  const emulator = await startNode([join(root, "emulator/main.ts"), "--proxy"], {
    env: Object.fromEntries(
      Object.entries(process.env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])),
    ),
    isReady: isInfo,
    onLine: (line) => {
      if (!isInfo(line)) console.error(line);
    },
  });
  return { ...emulator, info: JSON.parse(emulator.readyLine) as ProxyInfo };
}

/** The line with the emulator's URL and credentials; all others are its log. */
const isInfo = (line: string) => line.startsWith("{");

async function findEmulator(url: string): Promise<ProxyInfo> {
  const response = await fetch(new URL("/_emulator/info", url)).catch(() => undefined);
  if (response?.ok !== true) throw new UserError(`No emulator answers at ${url}.`);
  return (await response.json()) as ProxyInfo;
}

/** The environment that directs a program of any language to the emulator. Files that it reads are written to `folder`. */
function variablesOf(info: ProxyInfo, folder: string): NodeJS.ProcessEnv {
  const { url, caFile, accountSid, authToken } = info;
  if (caFile === undefined)
    throw new UserError(`The emulator at ${url} is not a proxy. Start it with --proxy.`);
  return {
    ...clientEnvironment({ url, caFile }, folder, process.env),
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
    CHROMIUM_PROXY_FLAGS: JSON.stringify(flagsOf(info)),
  };
}

/** The flags with which Chromium uses the emulator as its proxy; local pages are requested directly. */
function flagsOf({ url, serverKeyHash }: ProxyInfo): readonly string[] {
  return [`--proxy-server=${url}`, `--ignore-certificate-errors-spki-list=${serverKeyHash}`];
}

/** A running browser would open the page without the flags: a separate profile prevents that. */
function profileFlags(args: readonly string[], folder: string): readonly string[] {
  if (args.some((arg) => arg.startsWith("--user-data-dir"))) return [];
  return [`--user-data-dir=${join(folder, "profile")}`, "--no-first-run"];
}

function isChromium(program: string): boolean {
  return /^(chromium|chrome|google-chrome|msedge)/i.test(basename(program));
}

main(process.argv.slice(2)).then(
  (end) => {
    process.exit(typeof end === "number" ? end : 128 + constants.signals[end]);
  },
  (error: unknown) => {
    console.error(error instanceof UserError ? error.message : error);
    process.exit(error instanceof UserError ? 2 : 1);
  },
);
