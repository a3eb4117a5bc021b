import { describe, it } from "vitest";
import { endsWithNpm } from "./npm-script.ts";

const SCRIPTS = [
  ["emulator", []],
  ["exec", ["--", "node", "-e", "console.log(process.env.HTTPS_PROXY); setInterval(() => {}, 1000)"]],
  ["start", ["--", "--port", "0", "--emulator-port", "0"]],
  ["start", ["--", "--port", "0", "--emulator-port", "0", "--platform", "lambda"]],
  ["studio", ["--", "run", "infra/studio/survey.json"]],
] as const;

describe.each(["SIGTERM", "SIGKILL"] as const)("after %s for npm", (signal) => {
  it.each(SCRIPTS)("npm run %s %j ends with all its processes", (script, args) =>
    endsWithNpm(script, signal, args),
  );
});
