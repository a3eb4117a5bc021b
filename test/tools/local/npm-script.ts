import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, onTestFinished } from "vitest";
import { root } from "../../../infra/endpoints.ts";

/** Runs an npm script until it prints the emulator's URL, ends npm by a signal, and waits until the emulator and all others are gone. */
export async function endsWithNpm(
  script: string,
  signal: NodeJS.Signals,
  args: readonly string[],
): Promise<void> {
  // A group of its own, so that whatever is left can be found and killed after the test.
  const npm = spawn("npm", ["run", "--silent", script, ...args], {
    cwd: root,
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const group = -(npm.pid ?? 0);
  onTestFinished(() => {
    if (isRunning(group)) process.kill(group, "SIGKILL");
  });
  const ended = once(npm, "exit");
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(npm.stdout).on("line", (line) => {
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => reject(new Error("npm ended before.")));
  });
  expect((await fetch(`${url}/_emulator/info`)).status).toBe(200);
  npm.kill(signal);
  await ended;
  await expect.poll(() => isRunning(group)).toBe(false);
  await expect(fetch(`${url}/_emulator/info`)).rejects.toThrow();
}

function isRunning(group: number): boolean {
  try {
    return process.kill(group, 0);
  } catch {
    return false;
  }
}
