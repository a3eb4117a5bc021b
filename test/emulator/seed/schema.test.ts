import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { toJsonSchema } from "@valibot/to-json-schema";
import { Ajv } from "ajv";
import { expect, it } from "vitest";
import { jsonText, seedDocument } from "../../../emulator/seed/schema.ts";

const docs = new URL("../../../docs/", import.meta.url);
const schema = JSON.stringify(
  toJsonSchema(seedDocument, {
    typeMode: "output",
    ignoreActions: ["check", "transform"],
    overrideSchema: ({ valibotSchema }) => (valibotSchema === jsonText ? {} : undefined),
  }),
  null,
  2,
);

// After a change of the schema: npx vitest run test/emulator/seed/schema.test.ts --update
it("of a seed is written down for editors", async () => {
  await expect(`${schema}\n`).toMatchFileSnapshot(fileURLToPath(new URL("seed.schema.json", docs)));
});

it.each([
  [{ conversation: [] }, false],
  [{ conversations: [{ sid: "CH1" }] }, false],
  [{ conversations: [{ attributes: { order: 1 } }] }, true],
  [{ numbers: [{}] }, false],
  [{ contents: [{ approval: { status: "maybe" } }] }, false],
  [JSON.parse(readFileSync(new URL("seed.example.json", docs), "utf8")), true],
])("of a seed takes what the emulator takes: %j", (seed, isValid) => {
  expect(new Ajv().validate(JSON.parse(schema), seed)).toBe(isValid);
});
