import type { Exchange } from "../recorder.ts";
import { isObject, parseJson } from "./json.ts";
import type { OperationSpec } from "./specification.ts";

/** The operation of a request: that of its product and method whose path fits, one with fewer variables first. */
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

/** The product that a request means: the first label of its host. */
export function productOf({ host }: Pick<Exchange, "host">): string {
  return host.split(".")[0] ?? "";
}

/** Product and version, "content v2": what one document of a specification is about. */
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

/** What a request carries, in the words of {@link OperationSpec.parameters}. */
export function sentParameters({ url, requestHeaders, requestBody }: Exchange): readonly string[] {
  const query = [...new URLSearchParams(url.split("?")[1] ?? "").keys()].map((name) => `query ${name}`);
  const headers = Object.keys(requestHeaders)
    .filter((name) => name.startsWith("x-twilio-"))
    .map((name) => `header ${name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())}`);
  return [...query, ...headers, ...bodyNames(requestHeaders["content-type"], requestBody)];
}

function bodyNames(contentType: string | undefined, body: string): string[] {
  if (contentType?.startsWith("application/json")) {
    return jsonNames(parseJson(body), 2).map((name) => `body ${name}`);
  }
  return [...new URLSearchParams(body).keys()].map((name) => `body ${name}`);
}

function jsonNames(value: unknown, depth: number): string[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const children = depth > 1 ? jsonNames(inner, depth - 1) : [];
    return [name, ...children.map((child) => `${name}.${child}`)];
  });
}
