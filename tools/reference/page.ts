import { omitUndefined } from "../../core/omit-undefined.ts";
import { TIME_LIMIT_MS } from "../../core/platforms/twilio-functions.ts";
import { accessKindsOf } from "./access.ts";
import { type Description, isStep } from "./description.ts";
import { type Example, readExample, textFieldsOf } from "./example.ts";
import type { JsonSchema } from "./json-schema.ts";
import { code, markdownTable, marked, renewed } from "./markdown.ts";
import { fieldsOf, rulesOf } from "./schema.ts";
import { listOf, valuesOf } from "./words.ts";

/** Variables of a flow that replace values of an example. */
const STUDIO_VALUES: ReadonlyMap<string, string> = new Map([
  ["conversationSid", "{{trigger.conversation.ConversationSid}}"],
  ["idempotencyKey", "{{trigger.conversation.MessageSid}}"],
]);

/** An endpoint's page with its generated parts replaced, or a first draft if it does not exist. */
export function pageOf(description: Description): string {
  const { page, pageFile } = description;
  return page === undefined ? draftOf(description) : renewed(pageFile, page, partsOf(description, page));
}

const partsOf = (description: Description, page: string): Record<string, string> => ({
  call: callPart(description),
  input: inputPart(description),
  output: outputPart(description),
  ...omitUndefined({ step: isStep(description) ? stepPart(description, page) : undefined }),
});

function callPart(description: Description): string {
  const { endpoint, handler } = description;
  const title = handler.methods.map((method) => `\`${method} /${endpoint.name}\``).join(", ");
  const rows = [
    ["Who may call", listOf(accessKindsOf(handler).map(({ words }) => words))],
    ["From web pages", handler.cors ? "of the origins in `CORS_ORIGINS`" : "no"],
    ["Time", timeOf(description)],
    ["Settings", [...new Set(handler.variables)].map(code).join(", ")],
  ];
  return `# ${title}\n\n${markdownTable(["", ""], rows)}`;
}

function timeOf({
  endpoint,
  lambdaSeconds,
  consumerSeconds,
}: Pick<Description, "endpoint" | "lambdaSeconds" | "consumerSeconds">) {
  const usual = `${TIME_LIMIT_MS / 1_000} seconds on Twilio Functions, ${lambdaSeconds} on Lambda`;
  if (consumerSeconds === undefined) return usual;
  return endpoint.isContinued
    ? `${usual}, and there as often as needed ${consumerSeconds} from the queue`
    : `${usual} to queue the event, ${consumerSeconds} to handle it`;
}

function inputPart({ handler: { input }, source }: Description): string {
  const fields = fieldsOf(input);
  if (fields.length === 0) {
    const none =
      input.type === "loose_object" ? "The event, as Twilio sends it." : "None except the credentials.";
    return `## Input\n\n${none}`;
  }
  const rows = fields.map(({ name, schema, isRequired }) => [
    code(name),
    isRequired ? "yes" : "",
    valuesOf(schema),
    [source.fieldComments.get(name) ?? "", defaultOf(schema)].filter(Boolean).join(" "),
  ]);
  const table = markdownTable(["field", "required", "value", ""], rows);
  const names = new Set(fields.map(({ name }) => name));
  const rules = rulesOf(input).map(({ message }) =>
    message.replace(/\w+/g, (word) => (names.has(word) ? code(word) : word)),
  );
  const others = input.type === "strict_object" ? [] : ["Other fields are ignored."];
  return ["## Input", table, ...[[...rules, ...others].join(" ")].filter(Boolean)].join("\n\n");
}

/** Texts, numbers and booleans; an empty list or object is no news. */
const defaultOf = ({ default: value }: JsonSchema): string =>
  ["string", "number", "boolean"].includes(typeof value) && value !== ""
    ? `Default ${code(String(value))}.`
    : "";

function outputPart({ source: { output } }: Description): string {
  if (output.kind === "text") return "## Output\n\nPlain text.";
  if (output.kind === "flat") return "## Output\n\nFlat JSON; its fields depend on the input.";
  const rows = output.fields.map(({ name, schema, isAlwaysThere, comment }) => [
    code(name),
    isAlwaysThere ? "always" : "sometimes",
    typeOf(schema),
    comment,
  ]);
  return `## Output\n\n${markdownTable(["field", "present", "type", ""], rows)}`;
}

const typeOf = ({ type = [], enum: values }: JsonSchema): string => {
  if (values) return listOf(values.map((value) => code(String(value))));
  return listOf([type].flat().map((name) => (name === "string" ? "text" : name)));
};

function stepPart({ endpoint: { name }, source: { output } }: Description, page: string): string {
  const values = Object.entries(parametersOf(readExample(page, name))).map((pair) => pair.map(code));
  const parsed = output.kind === "fields" ? output.fields.map((field) => code(`parsed.${field.name}`)) : [];
  return [
    "## As a step of a Studio flow",
    `The widget Run Function with the function \`/${name}\`, or Make HTTP Request with POST and Form URL Encoded to
\`https://…/${name}\`. The example's parameters in either:`,
    markdownTable(["parameter", "value"], values),
    ...(parsed.length > 0 ? [`Later steps read ${listOf(parsed, "and")} behind \`widgets.<step>.\`.`] : []),
  ].join("\n\n");
}

/** An example's fields as a flow sends them: as texts. */
export function parametersOf(example: Example): Record<string, string> {
  const parameters = Object.entries(textFieldsOf(example)).map(([field, text]) => [
    field,
    STUDIO_VALUES.get(field) ?? text,
  ]);
  return Object.fromEntries(parameters);
}

/** The draft of a page. Its example has empty values, which a test rejects. */
function draftOf(description: Description): string {
  const { endpoint, handler, lead } = description;
  const required = fieldsOf(handler.input).filter(({ isRequired }) => isRequired);
  const body = JSON.stringify(Object.fromEntries(required.map(({ name }) => [name, ""])));
  const example = [
    "## Example",
    `\`\`\`sh\ncurl -X POST $URL/${endpoint.name} -H "Authorization: Bearer $JWT" -H "Content-Type: application/json" \\\n  -d '${body}'\n# {}\n\`\`\``,
  ].join("\n\n");
  const parts = partsOf(description, example);
  const part = (name: string) => (parts[name] === undefined ? [] : [marked(name, parts[name])]);
  const errors = `## Errors\n\nThe errors [of every endpoint](${"../".repeat(endpoint.name.split("/").length)}endpoints.md#errors).`;
  return `${[...part("call"), lead, ...part("input"), example, ...part("output"), errors, ...part("step")].join("\n\n")}\n`;
}
