import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Flow } from "./flow.ts";

/** The flows of this folder, by file name. */
export function readFlows(): ReadonlyMap<string, Flow> {
  const folder = import.meta.dirname;
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return new Map(files.sort().map((file) => [file, JSON.parse(readFileSync(join(folder, file), "utf8"))]));
}
