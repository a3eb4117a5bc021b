import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeAll, describe, expect, it } from "vitest";
import { openApiFile } from "../../../infra/endpoints.ts";
import { describeEndpoints } from "../../../tools/reference/description.ts";
import { openApi } from "../../../tools/reference/openapi.ts";
import { openApiSchema } from "../../support/openapi-schema.ts";

describe("the OpenAPI description", () => {
  let document: ReturnType<typeof openApi>;
  let operations: { readonly operationId: string; readonly security: readonly object[] }[];
  beforeAll(async () => {
    document = openApi(await describeEndpoints());
    operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  });

  it("is the file that npm run build wrote", () => {
    expect(JSON.parse(readFileSync(openApiFile, "utf8"))).toEqual(document);
  });

  it("is valid OpenAPI 3.1", () => {
    const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(openApiSchema);
    expect(validate(document) ? [] : validate.errors).toEqual([]);
  });

  it("has valid JSON Schemas, which accept their own examples", () => {
    const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictRequired: false });
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      expect(ajv.validateSchema(schema), `${name}: ${ajv.errorsText()}`).toBe(true);
      ajv.addSchema(schema, `#/components/schemas/${name}`);
    }
    const media = [...findAll(document, "application/json")].filter((one) => "example" in one);
    expect(media.length).toBeGreaterThan(operations.length);
    for (const { schema, example } of media) {
      expect(ajv.validate(schema.$ref, example), `${schema.$ref}: ${ajv.errorsText()}`).toBe(true);
    }
  });

  it("defines every reference, and names each operation once", () => {
    const names = Object.entries(document.components).flatMap(([kind, of]) =>
      Object.keys(of).map((name) => `#/components/${kind}/${name}`),
    );
    const references = [...findAll(document, "$ref")];
    expect(references.length).toBeGreaterThan(0);
    expect(references.filter((reference) => !names.includes(reference))).toEqual([]);
    const schemes = operations.flatMap(({ security }) => security.flatMap((one) => Object.keys(one)));
    expect(schemes.filter((name) => !names.includes(`#/components/securitySchemes/${name}`))).toEqual([]);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });
});

/** Every value of a key, at any depth. */
function* findAll(value: unknown, key: string): Generator<ReturnType<typeof JSON.parse>> {
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === key) yield inner;
    yield* findAll(inner, key);
  }
}
