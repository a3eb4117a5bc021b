import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { EmulatorInfo } from "../../../emulator/emulator.ts";

const main = fileURLToPath(new URL("../../../emulator/main.ts", import.meta.url));

/** How a process ended, and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The emulator in a separate process. */
export interface EmulatorProcess {
  readonly child: ChildProcess;
  /** Its line of JSON; rejects when the process ends before. */
  readonly ready: Promise<EmulatorInfo>;
  readonly exit: Promise<Ended>;
  /** Kills it with SIGKILL and waits for its end. */
  kill(): Promise<void>;
}

/** Starts `emulator/main.ts`; the process is killed after the test. */
export function runMain(...args: string[]): EmulatorProcess {
  return runProgram(main, ...args);
}

/** Starts another program that contains the emulator; the process is killed after the test. */
export function runProgram(file: string, ...args: string[]): EmulatorProcess {
  const child = spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += chunk));
  child.stderr.on("data", (chunk) => (output.stderr += chunk));
  const exited = once(child, "exit");
  const kill = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  onTestFinished(kill);
  const exit = once(child, "close").then(([code]) => ({ code, ...output }));
  const line = new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once("line", resolve);
    void exit.then(({ stderr }) => reject(new Error(`The emulator ended: ${stderr}`)));
  });
  const ready = line.then((text) => JSON.parse(text) as EmulatorInfo);
  // Not every test awaits it.
  ready.catch(() => {});
  return { child, ready, exit, kill };
}

/** An empty directory, which is removed after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "emulator-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
