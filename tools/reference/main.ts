import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../../infra/endpoints.ts";
import { describeEndpoints } from "./description.ts";
import { referenceOf } from "./reference.ts";

/*
 * Writes what the reference of the endpoints takes from the code: their pages in docs/endpoints, and the tables in
 * README.md, docs/endpoints.md and docs/studio.md. An endpoint without a page gets a first draft of one.
 */

const { all } = await describeEndpoints();
for (const [file, text] of referenceOf(all)) {
  const path = join(root, file);
  const isNew = !existsSync(path);
  if (!isNew && readFileSync(path, "utf8") === text) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(isNew ? `Drafted ${file}: write its example and what the code does not say.` : `Wrote ${file}`);
}
