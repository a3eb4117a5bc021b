import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { checkConformance } from "./check/conformance.ts";
import { deviations } from "./check/deviations.ts";
import { type OperationSpec, readSpecifications } from "./check/specification.ts";
import { describeReport, isConforming } from "./report.ts";
import { runScenarios } from "./run/scenarios.ts";
import { allScenarios } from "./scenarios/all.ts";

const help = `Usage: npm run conform -- --spec PATH [options]

Runs the conformance suite against an emulator with the official client, and compares every response with
Twilio's OpenAPI documents (https://github.com/twilio/twilio-oai). Exits with 1 if there are differences, or if an
operation of the documents was not called.

  --spec PATH   a document, or a directory of them; may be repeated
  --json        print the report as JSON
  --help        print this text
`;

/** The products that are compared. Other products are emulated only partly. */
const products = ["conversations", "content", "chat", "studio"];

/** A mistake in the arguments: exit code 2. */
class UsageError extends Error {}

async function run(args: readonly string[]): Promise<number> {
  const { spec, json, help: wantsHelp } = readOptions(args);
  if (wantsHelp) {
    process.stdout.write(help);
    return 0;
  }
  const operations = readOperations(spec);
  const { results, exchanges } = await runScenarios(allScenarios);
  const report = { scenarios: results, ...checkConformance(operations, exchanges, deviations) };
  process.stdout.write(`${json ? JSON.stringify(report, undefined, 2) : describeReport(report)}\n`);
  return isConforming(report) ? 0 : 1;
}

function readOptions(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        spec: { type: "string", multiple: true, default: [] },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readOperations(paths: readonly string[]): readonly OperationSpec[] {
  if (paths.length === 0) throw new UsageError("--spec PATH is missing");
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined) throw new UsageError(`--spec: ${missing} does not exist.`);
  let operations: readonly OperationSpec[];
  try {
    operations = readSpecifications(paths, products);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (operations.length === 0)
    throw new UsageError(`No operation of ${products.join(", ")} in ${paths.join(", ")}`);
  return operations;
}

run(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error) => {
    const isUsage = error instanceof UsageError;
    process.stderr.write(isUsage ? `${error.message}\n\n${help}` : `${error.stack}\n`);
    process.exitCode = isUsage ? 2 : 1;
  },
);
