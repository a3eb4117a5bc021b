import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("main.ts", import.meta.url));

function run(...args: string[]): Promise<{ exitCode: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

describe("npm run conform", () => {
  it.each([
    ["no specification", [], "--spec PATH is missing"],
    ["a file that is not there", ["--spec", "nowhere.json"], "nowhere.json"],
    [
      "a file that is not a specification",
      ["--spec", "package.json"],
      "package.json is not an OpenAPI document",
    ],
    ["an option that it lacks", ["--speck"], "--speck"],
  ])("exits with 2 and names the error for %s", async (_, args, message) => {
    const { exitCode, stderr } = await run(...args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(message) });
    expect(stderr).toContain("Usage: npm run conform");
  });

  it("prints its help text", async () => {
    const { exitCode, stdout } = await run("--help");
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining("--spec PATH") });
  });
});
