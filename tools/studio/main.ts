import { UserError } from "../../infra/account/user-error.ts";
import { checkFlows } from "./check.ts";
import { drawFlows } from "./draw.ts";
import { exportFlows } from "./export.ts";
import { runFlow } from "./run.ts";

async function main([command, ...rest]: readonly string[]): Promise<number> {
  if (command === "check") return (await checkFlows(rest, console.log)) ? 0 : 1;
  if (command === "run") await runFlow(rest, console.log);
  else if (command === "draw") await drawFlows(rest, console.log);
  else exportFlows(command === undefined ? [] : [command, ...rest]);
  return 0;
}

main(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(error instanceof UserError ? error.message : error);
    process.exitCode = error instanceof UserError ? 2 : 1;
  },
);
