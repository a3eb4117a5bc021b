import { objectEntries } from "./content.ts";
import { messageRules } from "./rules/message.ts";

const limits = { total: 27_801, count: 100, key: 16, value: 256 };

/** Names and values of a message's ContentVariables: a JSON object of texts, within the dictionary's limits. */
export function checkContentVariables(text: string | undefined): ReadonlyMap<string, string> {
  if (text === undefined || text === "") return none;
  if (text.length > limits.total) throw messageRules.variablesTooLong();
  const entries = objectEntries(parseJson(text));
  if (entries === undefined) throw messageRules.variablesNotObject();
  if (entries.size > limits.count) throw messageRules.variablesTooLong();
  const variables = new Map<string, string>();
  for (const [key, value] of entries) {
    if (key.length > limits.key) throw messageRules.variableKeyTooLong();
    if (typeof value === "object") throw messageRules.variablesNotObject();
    if (String(value).length > limits.value) throw messageRules.variableValueTooLong();
    variables.set(key, String(value));
  }
  return variables;
}

const none: ReadonlyMap<string, string> = new Map();

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw messageRules.variablesNotObject();
  }
}
