import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../infra/endpoints.ts";
import type { Description } from "./description.ts";
import { renewed } from "./markdown.ts";
import { endpointTable, stepTable } from "./overview.ts";
import { pageOf } from "./page.ts";

/** The text of every file of the reference, by its path from the root. */
export function referenceOf(all: readonly Description[]): ReadonlyMap<string, string> {
  const pages = all.map((description): [string, string] => [description.pageFile, pageOf(description)]);
  return new Map([
    ...pages,
    overview("docs/endpoints.md", { endpoints: endpointTable(all) }),
    overview("docs/studio.md", { steps: stepTable(all) }),
  ]);
}

function overview(file: string, parts: Readonly<Record<string, string>>): [string, string] {
  return [file, renewed(file, readFileSync(join(root, file), "utf8"), parts)];
}
