import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { makeTemplate, templateFile } from "./template.ts";

/* Writes infra/template.yaml: frame.yaml with a function and an alarm for each endpoint. */

writeFileSync(templateFile, await makeTemplate());
console.log(`Wrote ${relative(process.cwd(), templateFile)}`);
