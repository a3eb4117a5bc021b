/**
 * The JSON Schema of OpenAPI 3.1 descriptions (https://spec.openapis.org/oas/v3.1.1.html), limited to the objects in use.
 * It is closed: a field of the specification that is missing here has not been reviewed yet.
 */
const text = { type: "string", minLength: 1 };
const componentName = { pattern: "^[a-zA-Z0-9._-]+$" };

const object = (properties: Readonly<Record<string, object>>, ...required: string[]) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const mapOf = (values: object, names: object = {}) => ({
  type: "object",
  propertyNames: names,
  additionalProperties: values,
});
const reference = object({ $ref: { type: "string", pattern: "^#/components/" } }, "$ref");
const orReference = (one: object) => ({ oneOf: [reference, one] });

/** Schema objects are JSON Schema, which the test validates against its meta-schema. */
const schema = { type: ["object", "boolean"] };
const header = object({ description: text, schema }, "schema");
const content = mapOf(object({ schema, example: {} }, "schema"), { pattern: "^\\w+/[\\w.+-]+$" });
const response = object({ description: text, headers: mapOf(header), content }, "description");
const parameter = object(
  { name: text, in: { const: "query" }, required: { type: "boolean" }, description: text, schema },
  "name",
  "in",
  "schema",
);
const operation = object(
  {
    operationId: { type: "string", pattern: "^[a-z-]+$" },
    tags: { type: "array", items: text },
    summary: text,
    description: text,
    security: { type: "array", items: mapOf({ type: "array", items: text }), minItems: 1 },
    parameters: { type: "array", items: parameter },
    requestBody: object({ required: { type: "boolean" }, content }, "content"),
    responses: {
      ...mapOf(orReference(response), { pattern: "^([1-5](\\d\\d|XX)|default)$" }),
      minProperties: 1,
    },
  },
  "operationId",
  "security",
  "responses",
);
const securityScheme = {
  oneOf: [
    object(
      {
        type: { const: "http" },
        scheme: { enum: ["basic", "bearer"] },
        bearerFormat: text,
        description: text,
      },
      "type",
      "scheme",
    ),
    object(
      {
        type: { const: "apiKey" },
        in: { enum: ["query", "header", "cookie"] },
        name: text,
        description: text,
      },
      "type",
      "in",
      "name",
    ),
  ],
};

/** The complete description. */
export const openApiSchema = object(
  {
    openapi: { type: "string", pattern: "^3\\.1\\.\\d+$" },
    info: object(
      {
        title: text,
        version: text,
        description: text,
        license: object({ name: text, identifier: text }, "name"),
      },
      "title",
      "version",
    ),
    servers: { type: "array", items: object({ url: text }, "url") },
    paths: mapOf(object({ get: operation, post: operation }), { pattern: "^/[a-z]" }),
    components: object({
      schemas: mapOf(schema, componentName),
      responses: mapOf(response, componentName),
      securitySchemes: mapOf(securityScheme, componentName),
    }),
  },
  "openapi",
  "info",
  "paths",
);
