import type { Answer } from "./http.ts";
import type { JsonObject } from "./model.ts";
import { isObject, type Outcome, parseJson, type Visit } from "./widget.ts";

/**
 * The result of a response, under the widget's name. `parsed` is set only for JSON objects with the content type
 * of JSON; when the widget runs again, it is merged with the previous one ("Run Function widget").
 */
export function resultOf({ previous }: Visit, answer: Exclude<Answer, { error: string }>): JsonObject {
  const { status, contentType, body } = answer;
  const isJson = contentType.split(";")[0]?.trim().toLowerCase() === "application/json";
  const json = isJson ? parseJson(body) : undefined;
  const before = isObject(previous?.parsed) ? previous.parsed : undefined;
  const parsed = isObject(json) ? { ...before, ...json } : before;
  const result = { content_type: contentType, status_code: status, body };
  return parsed === undefined ? result : { ...result, parsed };
}

/** Takes the widget's transition for failures, without a new result. */
export function failureOf({ previous, state, note }: Visit, reason: string, event: string): Outcome {
  note(`${state.name}: ${reason}`);
  return previous === undefined ? { event } : { event, result: previous };
}
