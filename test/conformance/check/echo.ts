import type { Exchange } from "../recorder.ts";
import type { Fault } from "./answer.ts";
import { isObject, parseJson } from "./json.ts";

/**
 * The fields of a write that its response does not return as sent: the field `MessagingBinding.Address` is the key
 * `messaging_binding.address`. Fields without a key in the response are ignored.
 */
export function checkEcho({ requestHeaders, requestBody, body }: Exchange): readonly Fault[] {
  const answer = parseJson(body);
  if (!isObject(answer)) return [];
  return sentFields(requestHeaders["content-type"], requestBody).flatMap(([name, values]) => {
    const path = name.split(".").map(snakeCase);
    const got = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), answer);
    if (got === undefined || isSame(values, got)) return [];
    return [
      {
        location: `$.${path.join(".")}`,
        expected: `${values.join(", ")}, as sent`,
        got: JSON.stringify(got),
      },
    ];
  });
}

function sentFields(contentType: string | undefined, body: string): [string, string[]][] {
  if (contentType?.startsWith("application/json")) {
    const value = parseJson(body);
    return Object.entries(isObject(value) ? value : {}).map(([name, inner]) => [name, [asText(inner)]]);
  }
  const form = new URLSearchParams(body);
  return [...new Set(form.keys())].map((name) => [name, form.getAll(name)]);
}

function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, "_$&").toLowerCase();
}

/** Whether values are equal except for their notation: enums case-insensitive, dates to the second, "null" for none. */
function isSame(sent: readonly string[], got: unknown): boolean {
  const values = Array.isArray(got) ? got.map(asText) : [asText(got)];
  return sent.length === values.length && sent.every((text, at) => normal(text) === normal(values[at] ?? ""));
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function normal(text: string): string {
  return /^\d{4}-\d\d-\d\dT/.test(text) ? new Date(text).toISOString() : text.toLowerCase();
}
