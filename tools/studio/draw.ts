import { writeFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { UserError } from "../../infra/account/user-error.ts";
import { makeFolder } from "../folder.ts";
import { errorsOf, readFlow } from "./check.ts";
import { Emulated } from "./emulated.ts";

/** Draws flows as the console does: an SVG file for each. */
export async function drawFlows(args: readonly string[], print: (line: string) => void): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { out: { type: "string", default: "." } },
  });
  if (positionals.length === 0)
    throw new UserError("No files. Usage: npm run studio -- draw FILE… --out DIR");
  const folder = resolve(values.out);
  makeFolder(folder, "--out");
  const emulated = await Emulated.start(undefined);
  try {
    for (const file of positionals) {
      const flow = readFlow(file);
      const [error] = await errorsOf(emulated, flow);
      if (error !== undefined) throw new UserError(`${file} is not valid: ${error}`);
      const form = { FriendlyName: file, Status: "published", Definition: JSON.stringify(flow) };
      const { body } = await emulated.post("/v2/Flows", form);
      const picture = await fetch(`${emulated.info.controlUrl}/flows/${body.sid}/picture`);
      const path = join(folder, `${basename(file, ".json")}.svg`);
      writeFileSync(path, `${await picture.text()}\n`);
      print(relative(process.cwd(), path));
    }
  } finally {
    await emulated.stop();
  }
}
