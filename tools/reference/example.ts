import type { Endpoint } from "../../infra/endpoints.ts";
import { pageFileOf, readPage } from "../../infra/summary.ts";

/** The example call in an endpoint's page. */
export interface Example {
  /** The fields that it sends. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The answer in the comment below it: JSON, or text. */
  readonly answer: unknown;
}

/** The example of an endpoint in its page. @throws if there is no page, and as {@link readExample} does. */
export function exampleOf(endpoint: Pick<Endpoint, "name">): Example {
  const page = readPage(endpoint);
  if (page === undefined) throw new Error(`${pageFileOf(endpoint)} is missing: run npm run reference.`);
  return readExample(page, endpoint.name);
}

const DATA = /(?:^|\s)(?:-d|--data-urlencode)\s+(?:'([^']*)'|"([^"]*)"|(\S+))/g;

/**
 * Parses the example of an endpoint in its page: the first `curl` of `$URL/<name>`, with its data as JSON or as
 * `name=value`, and the comment that follows as the answer. `CH…` stands for a whole SID.
 *
 * @throws if there is none, or its JSON is invalid.
 */
export function readExample(page: string, name: string): Example {
  const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = ""]) => withSids(block));
  const call = new RegExp(`^curl\\b(?:[^#]|#(?! ))*?[\\s"']\\$URL/${name}(?=[\\s"'?])`, "m");
  const block = blocks.find((one) => call.test(one));
  const start = block === undefined ? undefined : call.exec(block)?.index;
  if (block === undefined || start === undefined) {
    throw new Error(`docs/endpoints/${name}.md has no example: a curl of $URL/${name} in an sh code block.`);
  }
  const [command = "", ...answer] = block.slice(start).split(/^# /m);
  return { fields: { ...queryOf(command), ...dataOf(command) }, answer: answerOf(answer.join("")) };
}

/** An example's fields as strings, as sent by forms and Studio flows. */
export const textFieldsOf = ({ fields }: Pick<Example, "fields">): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, textOf(value)]));

function textOf(value: unknown): string {
  const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
  if (isList) return value.join(",");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const withSids = (text: string): string => text.replace(/\b([A-Z]{2})…/g, `$1${"0".repeat(32)}`);

function dataOf(command: string): Record<string, unknown> {
  const values = [...command.matchAll(DATA)].map(
    ([, quoted, doubled, bare]) => quoted ?? doubled ?? bare ?? "",
  );
  const [first = ""] = values;
  if (first.startsWith("{")) return JSON.parse(first);
  return Object.fromEntries(
    values.map((value) => [value.split("=")[0] ?? "", value.slice(value.indexOf("=") + 1)]),
  );
}

function queryOf(command: string): Record<string, string> {
  const [, query = ""] = /\$URL\/[\w/-]+\?([^\s"']+)/.exec(command) ?? [];
  return Object.fromEntries(new URLSearchParams(query));
}

function answerOf(comment: string): unknown {
  const text = comment.trim();
  return text.startsWith("{") ? JSON.parse(text) : text;
}
