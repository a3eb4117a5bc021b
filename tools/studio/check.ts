import { basename } from "node:path";
import { readJsonFile } from "../../infra/account/text-file.ts";
import { UserError } from "../../infra/account/user-error.ts";
import type { Flow } from "../../infra/studio/flow.ts";
import { type Descriptions, describeEndpoints } from "../reference/description.ts";
import { Emulated } from "./emulated.ts";
import { lintFlow } from "./lint.ts";

/** Reads a flow from a file that Studio exported. */
export function readFlow(file: string): Flow {
  return readJsonFile(file, "The flow") as Flow;
}

/** Validates flows as Twilio does, and lints the valid ones. @returns whether nothing was found. */
export async function checkFlows(files: readonly string[], print: (line: string) => void): Promise<boolean> {
  if (files.length === 0) throw new UserError("No files. Usage: npm run studio -- check FILE…");
  const flows = files.map((file) => [file, readFlow(file)] as const);
  const endpoints = await describeEndpoints();
  const emulated = await Emulated.start(undefined);
  try {
    let isClean = true;
    for (const [file, flow] of flows) {
      const complaints = await complaintsOf(emulated, flow, endpoints);
      print(
        `${basename(file)}   ${complaints.length === 0 ? `valid, ${flow.states.length} steps` : ""}`.trimEnd(),
      );
      for (const complaint of complaints) print(`  ${complaint}`);
      isClean &&= complaints.length === 0;
    }
    return isClean;
  } finally {
    await emulated.stop();
  }
}

async function complaintsOf(emulated: Emulated, flow: Flow, endpoints: Descriptions): Promise<string[]> {
  const errors = await errorsOf(emulated, flow);
  if (errors.length > 0) return errors.map((error) => `invalid  ${error}`);
  return lintFlow(flow, endpoints).map(({ state, message }) => `warning  ${state}: ${message}`);
}

/** A finding of Twilio's validation, with the state's name. */
export async function errorsOf(emulated: Emulated, flow: Flow): Promise<string[]> {
  const form = { FriendlyName: "A flow", Status: "published", Definition: JSON.stringify(flow) };
  const { status, body } = await emulated.post("/v2/Flows/Validate", form);
  if (status === 200) return [];
  const { errors = [] } = (body.details ?? {}) as { errors?: { property_path: string; message: string }[] };
  if (errors.length === 0) return [String(body.message)];
  return errors.map(({ property_path, message }) => {
    const at = /^#\/states\/(\d+)/.exec(property_path)?.[1];
    const name = at === undefined ? undefined : flow.states[Number(at)]?.name;
    return `${property_path}${name === undefined ? "" : ` (${name})`}: ${message}`;
  });
}
