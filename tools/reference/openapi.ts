import { readFileSync } from "node:fs";
import { join } from "node:path";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { root } from "../../infra/endpoints.ts";
import { firstSentence } from "../../infra/summary.ts";
import { accessKindsOf, securitySchemes } from "./access.ts";
import type { Description, Descriptions } from "./description.ts";
import { type Example, readExample } from "./example.ts";
import type { JsonSchema } from "./json-schema.ts";
import { toJsonSchema } from "./schema.ts";
import type { Output, OutputField } from "./source.ts";
import { valuesOf } from "./words.ts";

const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";
const REQUEST_ID = {
  "X-Request-Id": { description: "The request's id in the log.", schema: { type: "string" } },
};

/** The OpenAPI description of the endpoints (https://spec.openapis.org/oas/v3.1.1.html). */
export function openApi({ all, error }: Descriptions) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return {
    openapi: "3.1.1",
    info: {
      title: "Parley",
      version,
      description: "The serverless backend for Twilio Conversations.",
      license: { name: "MIT", identifier: "MIT" },
    },
    // The origin that serves this description; elsewhere the reader sets it.
    servers: [{ url: "/" }],
    paths: Object.fromEntries(all.map((one) => [`/${one.endpoint.name}`, pathItem(one)])),
    components: {
      schemas: {
        ...Object.fromEntries(all.flatMap(schemasOf)),
        Error: answerSchema(error),
      },
      responses: {
        Error: {
          description: "A failure. `code` is stable, `message` explains what to do.",
          headers: REQUEST_ID,
          content: { [JSON_TYPE]: { schema: refTo("Error") } },
        },
      },
      securitySchemes,
    },
  };
}

const idOf = ({ endpoint: { name } }: Description): string => name.replaceAll("/", "-");
const refTo = (schema: string) => ({ $ref: `#/components/schemas/${schema}` });

const schemasOf = (description: Description): [string, JsonSchema][] => [
  [`${idOf(description)}.input`, inputSchema(description)],
  [`${idOf(description)}.answer`, outputSchema(description.source.output)],
];

function pathItem(description: Description) {
  const { handler } = description;
  const operations = handler.methods.map((method) => [method.toLowerCase(), operation(description, method)]);
  return Object.fromEntries(operations) as Record<string, ReturnType<typeof operation>>;
}

function operation(description: Description, method: string) {
  const { endpoint, handler, lead, page } = description;
  const { name } = endpoint;
  const suffix = handler.methods.length > 1 ? `-${method.toLowerCase()}` : "";
  const example = page === undefined ? undefined : readExample(page, name);
  return {
    operationId: `${idOf(description)}${suffix}`,
    tags: [name.split("/")[0] ?? name],
    summary: firstSentence(lead),
    description: lead,
    security: accessKindsOf(handler).map(({ security }) => security),
    ...(method === "GET"
      ? { parameters: parametersOf(description) }
      : { requestBody: bodyOf(description, example) }),
    responses: {
      "2XX": { description: "Done.", headers: REQUEST_ID, content: contentOf(description, example) },
      default: { $ref: "#/components/responses/Error" },
    },
  };
}

/** The schema of an endpoint's input, with field descriptions from comments and schemas. */
export function inputSchema({
  handler: { input },
  source,
}: Pick<Description, "handler" | "source">): JsonSchema {
  const schema = toJsonSchema(input);
  const properties = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const description = [source.fieldComments.get(name), `Takes ${valuesOf(field)}.`]
      .filter(Boolean)
      .join(" ");
    return [name, { ...field, description }] as const;
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

function bodyOf(description: Description, example: Example | undefined) {
  const schema = refTo(`${idOf(description)}.input`);
  const json = omitUndefined({ schema, example: example?.fields });
  const isRequired = toJsonSchema(description.handler.input).required !== undefined;
  return { required: isRequired, content: { [JSON_TYPE]: json, [FORM_TYPE]: { schema } } };
}

function parametersOf(description: Description) {
  const { properties = {}, required = [] } = inputSchema(description);
  return Object.entries(properties).map(([name, { description: words, ...schema }]) => ({
    name,
    in: "query",
    required: required.includes(name),
    description: words,
    schema,
  }));
}

function contentOf(description: Description, example: Example | undefined) {
  const type = description.source.output.kind === "text" ? "text/plain" : JSON_TYPE;
  const schema = refTo(`${idOf(description)}.answer`);
  return { [type]: omitUndefined({ schema, example: example?.answer }) };
}

function outputSchema(output: Output): JsonSchema {
  if (output.kind === "text") return { type: "string" };
  if (output.kind === "fields") return answerSchema(output.fields);
  return { type: "object", additionalProperties: { type: ["string", "number", "boolean", "null"] } };
}

function answerSchema(fields: readonly OutputField[]): JsonSchema {
  return {
    type: "object",
    properties: Object.fromEntries(
      fields.map(({ name, schema, comment }) => [
        name,
        omitUndefined({ ...schema, description: comment || undefined }),
      ]),
    ),
    required: fields.filter(({ isAlwaysThere }) => isAlwaysThere).map(({ name }) => name),
  };
}
