import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../../infra/endpoints.ts";
import { settingsJsonSchema, settingsSchemaFile } from "../../infra/settings/json-schema.ts";
import { makeTemplate } from "../../infra/template/template.ts";
import { describeEndpoints } from "./description.ts";
import { entryPoints, removeStrayEntryPoints } from "./entry-points.ts";
import { referenceOf } from "./reference.ts";

/*
 * Writes what is generated from the handlers: the entry points in functions, their pages in docs/endpoints, the tables of all of
 * them, the SAM template, and the JSON Schema of settings.json. An endpoint without a page gets a first draft of one.
 */

const entries = await entryPoints();
for (const file of removeStrayEntryPoints(entries)) console.log(`Removed ${file}`);
for (const [file, text] of entries) writeWhereChanged(file, text);
for (const [file, text] of referenceOf((await describeEndpoints()).all)) {
  if (writeWhereChanged(file, text) && file.startsWith("docs/endpoints/"))
    console.log(`${file} is a draft: write its first paragraph and its example.`);
}
writeWhereChanged("infra/template.yaml", await makeTemplate());
writeWhereChanged(settingsSchemaFile, await settingsJsonSchema());

/** @returns whether the file is new. */
function writeWhereChanged(file: string, text: string): boolean {
  const path = join(root, file);
  const isNew = !existsSync(path);
  if (!isNew && readFileSync(path, "utf8") === text) return false;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`Wrote ${file}`);
  return isNew;
}
