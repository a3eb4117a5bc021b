import type { Answer } from "./http.ts";
import type { JsonObject } from "./model.ts";
import { isObject, type Outcome, parseJson, type Visit } from "./widget.ts";

/**
 * The result of a response, under the widget's name. `parsed` is for JSON objects alone, and only when the answer says that
 * it is JSON; run again, the widget merges it with what is there ("Run Function widget").
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
