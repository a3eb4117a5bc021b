import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** A Node program that was started. */
export interface NodeProcess {
  readonly pid: number | undefined;
  /** The line that `isReady` accepted. */
  readonly readyLine: string;
  /** Everything printed so far, to standard output and error. */
  output(): string;
  /** Resolves to its exit code when it has ended, by itself or stopped. */
  readonly ended: Promise<number | null>;
  /** Stops it with SIGTERM, after three seconds with SIGKILL, and waits until it has ended. */
  stop(): Promise<void>;
}

const TIME_TO_END_MS = 3_000;
/** The exit code after SIGTERM. */
const TERMINATED = 143;

/**
 * Starts a Node program with the Node that runs this one, and waits for a line that `isReady` accepts.
 * Rejects with the output when the program ends before.
 */
export async function startNode(
  args: readonly string[],
  options: {
    env: Readonly<Record<string, string>>;
    isReady: (line: string) => boolean;
    /** Called with each line of its output. */
    onLine?: (line: string) => void;
    /** Output after which it will neither be ready nor end, such as a question. */
    gaveUp?: RegExp;
  },
): Promise<NodeProcess> {
  if (onNpmEnded === undefined) endWithNpm(() => process.exit(TERMINATED));
  const child = spawn(process.execPath, args, { env: { ...options.env }, stdio: ["ignore", "pipe", "pipe"] });
  // However this process ends, its children end too.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  const ended = once(child, "exit").then(([code]) => code as number | null);
  let output = "";
  const readyLine = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      // A character may be split between two chunks.
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        output += text;
        if (options.gaveUp?.test(output)) kill();
      });
      createInterface(stream).on("line", (line) => {
        options.onLine?.(line);
        if (options.isReady(line)) resolve(line);
      });
    }
    child.once("error", reject);
    void ended.then((code) => reject(new Error(`${args[0]} ended with exit code ${code}:\n${output}`)));
  });
  return { pid: child.pid, readyLine, output: () => output, ended, stop: () => stop(child, ended) };
}

/** Runs a program in this terminal. Signals are forwarded to it; a terminal sends Ctrl-C to both. */
export function runInTerminal(
  program: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string },
): Promise<number | NodeJS.Signals> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: "inherit" });
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    process.on("SIGHUP", () => child.kill("SIGHUP"));
    process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
    endWithNpm(() => child.kill("SIGTERM"));
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? signal ?? 1));
  });
}

const CHECK_MS = 500;
let onNpmEnded: (() => void) | undefined;

/**
 * Calls `end` when npm runs this program and has ended. npm passes SIGTERM to a shell, which may end without passing it on
 * (dash), and an npm that is killed passes nothing on. A later call replaces `end`.
 */
export function endWithNpm(end: () => void): void {
  const isWatched = onNpmEnded !== undefined;
  onNpmEnded = end;
  if (isWatched || process.env.npm_lifecycle_event === undefined) return;
  const { ppid } = process;
  const npm = parentOfShell(ppid);
  const timer = setInterval(() => {
    if (process.ppid === ppid && parentOfShell(ppid) === npm) return;
    clearInterval(timer);
    onNpmEnded?.();
  }, CHECK_MS);
  timer.unref();
}

/** The parent of a process that is a shell, where the system has /proc. */
function parentOfShell(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return /^\d+ \(\w*sh\) \S (\d+)/.exec(stat)?.[1];
  } catch {
    return undefined;
  }
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), TIME_TO_END_MS);
  await ended;
  clearTimeout(force);
}
