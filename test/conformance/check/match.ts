import type { Exchange } from "../recorder.ts";
import { isObject, parseJson } from "./json.ts";
import type { OperationSpec } from "./specification.ts";

/** The operation of a request: of its product and method with a matching path; fewer variables take precedence. */
export function findOperation<T extends Pick<OperationSpec, "product" | "method" | "path">>(
  operations: readonly T[],
  { host, method, url }: Pick<Exchange, "host" | "method" | "url">,
): T | undefined {
  const product = productOf({ host });
  const segments = pathOf(url).split("/");
  const fitting = operations.filter(
    (operation) =>
      operation.product === product && operation.method === method && fits(operation.path, segments),
  );
  const variables = ({ path }: T) => path.split("{").length;
  return fitting.sort((a, b) => variables(a) - variables(b))[0];
}

/** The product of a request: the first label of its host. */
export function productOf({ host }: Pick<Exchange, "host">): string {
  return host.split(".")[0] ?? "";
}

/** Product and version, "content v2": the subject of one document of a specification. */
export function apiOf(product: string, path: string): string {
  return `${product} ${path.split("/")[1]}`;
}

function fits(template: string, segments: readonly string[]): boolean {
  const names = template.split("/");
  return (
    names.length === segments.length &&
    names.every((name, at) => (name.startsWith("{") ? segments[at] !== "" : name === segments[at]))
  );
}

function pathOf(url: string): string {
  return url.split("?")[0] ?? "";
}

/** The parameters of a request, with names as in {@link OperationSpec.parameters}, and values as text. */
export function sentParameters({ url, requestHeaders, requestBody }: Exchange): readonly [string, string][] {
  const query = [...new URLSearchParams(url.split("?")[1] ?? "")];
  const headers = Object.entries(requestHeaders).filter(([name]) => name.startsWith("x-twilio-"));
  const capitals = (name: string) => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
  return [
    ...query.map(([name, value]): [string, string] => [`query ${name}`, value]),
    ...headers.map(([name, value]): [string, string] => [`header ${capitals(name)}`, String(value)]),
    ...bodyFields(requestHeaders["content-type"], requestBody).map(([name, value]): [string, string] => [
      `body ${name}`,
      value,
    ]),
  ];
}

function bodyFields(contentType: string | undefined, body: string): [string, string][] {
  if (contentType?.startsWith("application/json")) return jsonFields(parseJson(body), 2);
  return [...new URLSearchParams(body)];
}

function jsonFields(value: unknown, depth: number): [string, string][] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const children = depth > 1 ? jsonFields(inner, depth - 1) : [];
    const nested = children.map(([child, text]): [string, string] => [`${name}.${child}`, text]);
    return [[name, String(inner)], ...nested];
  });
}
