import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DirectoryError } from "./directory.ts";
import { longestJoiningMs } from "./domain/joinings.ts";
import { type EmulatorOptions, startEmulator } from "./emulator.ts";
import { InputError } from "./input.ts";
import { endWithNpm } from "./npm.ts";
import { isSid } from "./sid.ts";
import { JournalError } from "./store/journal.ts";
import { LockError } from "./store/lock.ts";

const help = `Usage: node emulator/main.ts [options]

Runs an emulator of Twilio Conversations. When it is ready it prints one line of JSON with its URL and
credentials on standard output; everything else goes to standard error.

  --port N              port to listen on (default 0: the system chooses)
  --host ADDRESS        address to listen on (default 127.0.0.1)
  --data DIR            directory for the state, created if necessary (default: in memory)
  --seed FILE           JSON file with initial data; ignored if the data directory has a state
  --proxy               also run as a proxy for *.twilio.com, with its own certificate authority
  --rate-limits         reject more than 30 actions a second in a service or conversation, and more new executions of Studio, as Twilio does
  --a2p                 reject texts to US numbers from long codes that are not registered for A2P 10DLC
  --sandbox             give the WhatsApp sender +14155238886 the rules of Twilio's sandbox: people must join
  --joining MS          how long a conversation is initializing while its participants join (default 700)
  --clock real|manual   manual: time only changes by the control API (default real)
  --account-sid AC…     account SID (default: generated, always the same)
  --auth-token TOKEN    auth token (default: generated, always the same)
  --chat-page URL       URL of Parley's chat page, which the console opens for chat users
  --help                print this text
`;

/** A mistake in the arguments: one line for the caller, exit code 2. */
class UsageError extends Error {}

function readOptions(args: readonly string[]): EmulatorOptions | "help" {
  const { values } = parse(args);
  if (values.help) return "help";
  const port = values.port === undefined ? 0 : Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError("--port takes a number up to 65535");
  const clock = values.clock;
  if (clock !== undefined && clock !== "real" && clock !== "manual")
    throw new UsageError("--clock takes real or manual");
  const accountSid = values["account-sid"];
  if (accountSid !== undefined && !isSid("AC", accountSid)) {
    throw new UsageError("--account-sid takes AC and 32 hexadecimal digits");
  }
  const data = values.data;
  if (data === "") throw new UsageError("--data takes a directory");
  const contents = values.seed === undefined ? undefined : readSeed(values.seed);
  return {
    port,
    host: values.host,
    data,
    contents,
    rateLimits: values["rate-limits"],
    a2p: values.a2p,
    sandbox: values.sandbox,
    joining: values.joining === undefined ? undefined : readJoining(values.joining),
    proxy: values.proxy ? authorityDirectory(data) : undefined,
    clock,
    accountSid,
    authToken: values["auth-token"],
    chatPage: readChatPage(values["chat-page"]),
    log: console.error,
  };
}

function readChatPage(text: string | undefined): string | undefined {
  if (text === undefined || /^https?:/.test(text)) return text;
  throw new UsageError("--chat-page takes the URL of a page, such as http://localhost:3000/chat/index.html");
}

function readJoining(text: string): number {
  const ms = /^\d{1,8}$/.test(text) ? Number(text) : Number.NaN;
  if (!(ms <= longestJoiningMs))
    throw new UsageError(`--joining takes milliseconds from 0 to ${longestJoiningMs}`);
  return ms;
}

/** The data directory or the user's cache, so that the certificate authority stays the same over restarts. */
function authorityDirectory(data: string | undefined): string {
  const { XDG_CACHE_HOME } = process.env;
  const isAbsolute = XDG_CACHE_HOME?.startsWith("/") ?? false;
  return data ?? join(isAbsolute ? String(XDG_CACHE_HOME) : join(homedir(), ".cache"), "parley-emulator");
}

function readSeed(path: string): unknown {
  const problem = (error: unknown) => (error instanceof Error ? error.message : String(error));
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new UsageError(`--seed: ${isMissing ? `there is no file ${path}` : problem(error)}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--seed: ${path} is not JSON: ${problem(error)}`);
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: "string" },
        host: { type: "string" },
        data: { type: "string" },
        seed: { type: "string" },
        proxy: { type: "boolean" },
        "rate-limits": { type: "boolean" },
        a2p: { type: "boolean" },
        sandbox: { type: "boolean" },
        joining: { type: "string" },
        clock: { type: "string" },
        "account-sid": { type: "string" },
        "auth-token": { type: "string" },
        "chat-page": { type: "string" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function run(args: readonly string[]): Promise<number | undefined> {
  const options = readOptions(args);
  if (options === "help") {
    console.log(help);
    return 0;
  }
  const emulator = await startEmulator(options);
  console.log(JSON.stringify(emulator.info));
  const stop = () => void emulator.close().then(() => process.exit(0));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  endWithNpm(stop);
  return undefined;
}

function explain(error: unknown): [message: string, exitCode: number] {
  if (error instanceof UsageError) return [`${error.message}\nTry --help.`, 2];
  if (error instanceof InputError) return [`The seed is invalid. ${error.message}`, 1];
  if (error instanceof LockError || error instanceof JournalError || error instanceof DirectoryError)
    return [error.message, 1];
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code !== undefined && syscall !== "listen" && syscall !== "getaddrinfo")
    return [`The state cannot be stored: ${(error as Error).message}`, 1];
  if (code === "EADDRINUSE") return ["The port is in use. Choose another with --port, or 0 for any.", 1];
  if (code === "EACCES") return ["The port needs privileges. Choose one above 1023 with --port.", 1];
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return ["The address of --host is not an address of this machine.", 1];
  return [error instanceof Error ? (error.stack ?? error.message) : String(error), 1];
}

run(process.argv.slice(2)).then(
  (exitCode) => {
    if (exitCode !== undefined) process.exitCode = exitCode;
  },
  (error) => {
    const [message, exitCode] = explain(error);
    console.error(message);
    process.exitCode = exitCode;
  },
);
