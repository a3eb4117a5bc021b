import type { Json } from "../model.ts";
import { parseJson, type Widget } from "../widget.ts";

interface Variable {
  readonly key: string;
  readonly value: string;
  readonly type?: string;
  readonly parse_as_json?: boolean;
}

/** Sets `flow.variables.KEY` ("Set Variables widget"); the same is under the widget's name. Null becomes "". */
export const setVariables: Widget = {
  properties: { variables: "parameters" },
  required: [],
  events: ["next"],
  enter({ state, frame, fill, note }) {
    const set: [string, Json][] = [];
    for (const { key, value, type, parse_as_json } of (state.properties.variables ??
      []) as readonly Variable[]) {
      const text = fill(value);
      const json = parse_as_json ? parseJson(text) : undefined;
      if (parse_as_json && json === undefined)
        note(`${state.name}: the value of ${key} is not JSON, and stays text`);
      const isText = parse_as_json || type === "string";
      const result = json === undefined ? (isText ? text : numberOr(text)) : (json ?? "");
      frame.variables.set(key, result);
      set.push([key, result]);
    }
    return { event: "next", result: Object.fromEntries(set) };
  },
};

/** A numeric value is a number (an article of Twilio's support). */
function numberOr(text: string): string | number {
  const trimmed = text.trim();
  return /^-?\d+(\.\d+)?$/.test(trimmed) && String(Number(trimmed)) === trimmed ? Number(trimmed) : text;
}
