import { firstSentence } from "../../infra/summary.ts";
import { accessKindsOf } from "./access.ts";
import { type Description, isStep } from "./description.ts";
import { code, markdownTable } from "./markdown.ts";
import { fieldsOf } from "./schema.ts";
import { listOf } from "./words.ts";

/** The table of all endpoints, for `docs/endpoints.md`. */
export function endpointTable(all: readonly Description[]): string {
  const rows = all.map(({ endpoint: { name }, handler, lead }) => [
    `[\`${handler.methods[0]} /${name}\`](endpoints/${name}.md)`,
    firstSentence(lead),
    listOf(accessKindsOf(handler).map(({ words }) => words)),
  ]);
  return markdownTable(["endpoint", "what it does", "who may call"], rows);
}

/** The table of the endpoints that a Studio flow may call, for `docs/studio.md`. */
export function stepTable(all: readonly Description[]): string {
  const rows = all.filter(isStep).map(({ endpoint: { name }, handler, source: { output } }) => {
    const fields = fieldsOf(handler.input);
    const named = (required: boolean) =>
      fields.flatMap(({ name, isRequired }) => (isRequired === required ? [code(name)] : [])).join(", ");
    const parsed = output.kind === "fields" ? output.fields.map((field) => code(field.name)) : [];
    return [
      `[\`${name}\`](endpoints/${name}.md#as-a-step-of-a-studio-flow)`,
      named(true),
      named(false),
      parsed.join(", "),
    ];
  });
  return markdownTable(["endpoint", "required parameters", "other parameters", "behind `parsed.`"], rows);
}
