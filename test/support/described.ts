import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";
import { openApiFile } from "../../infra/endpoints.ts";
import type { JsonSchema } from "../../tools/reference/json-schema.ts";
import type { Answer, Fields } from "./http.ts";

interface Description {
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
let schemas: Description["components"]["schemas"] | undefined;

/** Validates an endpoint's answer against the built OpenAPI description, without additional fields. */
export function expectDescribed(path: string, { status, body }: Answer<Fields>): void {
  schemas ??= (JSON.parse(readFileSync(openApiFile, "utf8")) as Description).components.schemas;
  const name = status < 300 ? `${path.slice(1).replaceAll("/", "-")}.answer` : "Error";
  const isAsDescribed = ajv.validate({ additionalProperties: false, ...schemas[name] }, body);
  expect(isAsDescribed ? "" : ajv.errorsText(), `${path} answered ${JSON.stringify(body)}`).toBe("");
}
