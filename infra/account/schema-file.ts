import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { toJsonSchema } from "@valibot/to-json-schema";
import { accountFile } from "./schema.ts";

/** The JSON Schema file for editors. */
export const schemaFile = join(import.meta.dirname, "account.schema.json");

/** The JSON Schema of an account's file. Checks that need code are made by the commands only. */
export function accountJsonSchema(): string {
  return `${JSON.stringify(toJsonSchema(accountFile, { errorMode: "ignore", typeMode: "input" }), null, 2)}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  writeFileSync(schemaFile, accountJsonSchema());
