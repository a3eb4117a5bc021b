import { describe, it } from "vitest";
import { endsWithNpm } from "./npm-script.ts";

/** process.all.ts has all scripts. */
describe("npm run", () => {
  it.each([
    ["emulator", "SIGTERM", []],
    [
      "exec",
      "SIGKILL",
      ["--", "node", "-e", "console.log(process.env.HTTPS_PROXY); setInterval(() => {}, 1000)"],
    ],
  ] as const)("%s ends with npm after %s", endsWithNpm);
});
