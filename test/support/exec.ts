import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach } from "vitest";
import { temporaryDirectory } from "../emulator/support/process.ts";

const exec = fileURLToPath(new URL("../../tools/local/exec.ts", import.meta.url));

/** The path of an installed package, as the text of a JavaScript literal. */
export const packagePath = (name: string): string =>
  JSON.stringify(fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url)));

/** A CommonJS program that is unaware of the emulator. */
export function program(text: string): string {
  const file = join(temporaryDirectory(), "program.cjs");
  writeFileSync(file, text);
  return file;
}

/** Returns a function that runs a command through `npm run exec`, for the tests of a file. */
export function useExec() {
  const started: ChildProcess[] = [];
  // One cache directory for all tests: making the certificates takes longer than most of them.
  const cache = mkdtempSync(join(tmpdir(), "parley-exec-"));
  afterEach(() => {
    for (const child of started.splice(0)) child.kill("SIGKILL");
  });
  afterAll(() => rmSync(cache, { recursive: true, force: true }));
  return (...args: string[]) => {
    const env = { ...process.env, XDG_CACHE_HOME: cache };
    const child = spawn(process.execPath, [exec, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    started.push(child);
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk) => (output.stdout += chunk));
    child.stderr.on("data", (chunk) => (output.stderr += chunk));
    const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...output }));
    return { child, ended };
  };
}
