import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const main = join(import.meta.dirname, "main.ts");

// A process of its own: the bundles read its environment.
it("random and spoiled requests make no bundle fail", async () => {
  const args = [main, "--bundles", "--requests", "300", "--seed", "20261129"];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toMatch(/^300 requests in \d+ s, and nothing was found\.$/m);
}, 60_000);
