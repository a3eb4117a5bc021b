import { CONTINUES } from "../../core/platforms/twilio-functions.ts";
import type { Variables } from "../../infra/account/file.ts";
import { UserError } from "../../infra/account/user-error.ts";
import { variableNames } from "../../infra/endpoints.ts";
import limits from "./limits.json" with { type: "json" };

/** Variables that Twilio sets in every function. */
const SET_BY_TWILIO = ["ACCOUNT_SID", "AUTH_TOKEN"];
/** The URL of an emulator, which a deployed function cannot reach. */
const LOCAL_ONLY = ["TWILIO_BASE_URL"];

/** The variables that an endpoint reads and a deployment sets. */
export async function deployedNames(): Promise<string[]> {
  const names = await variableNames();
  for (const name of [...SET_BY_TWILIO, ...LOCAL_ONLY]) names.delete(name);
  return [...names].sort();
}

/**
 * A variable file for Twilio's tool (dotenv 6): it signs in with ACCOUNT_SID and AUTH_TOKEN, which may also be an API key
 * and its secret, and uploads the rest. Command line arguments would be visible in process lists.
 *
 * @throws {UserError} for a value with a line break.
 */
export function deployFile(names: readonly string[], variables: Variables): string {
  const { TWILIO_API_KEY_SID: key, TWILIO_API_KEY_SECRET: secret, ACCOUNT_SID, AUTH_TOKEN } = variables;
  const [username, password] = key && secret ? [key, secret] : [ACCOUNT_SID, AUTH_TOKEN];
  const lines = [`ACCOUNT_SID=${username}`, `AUTH_TOKEN=${password}`];
  for (const name of names) {
    const value = variables[name];
    if (!value) continue;
    if (/[\r\n]/.test(value))
      throw new UserError(`${name} has a line break, which Twilio's tool does not support.`);
    for (const [key, part] of partsOf(name, value)) lines.push(`${key}='${part}'`);
  }
  return `${lines.join("\n")}\n`;
}

/** Whether a variable is a part of a longer value of one of these. */
export const isPartOf = (key: string, names: readonly string[]): boolean =>
  names.includes(/^(.+)_\d+$/.exec(key)?.[1] ?? "");

/**
 * The variables of a value: one, or as many as Twilio's limit of bytes needs, `NAME`, `NAME_2`, `NAME_3`. All but the last end in a
 * mark, by which the functions join them. The last comes first, so that the first refers to the others when they exist.
 */
export function partsOf(name: string, value: string): [key: string, part: string][] {
  const parts: string[] = [];
  let rest = value;
  while (Buffer.byteLength(rest) > limits.value) {
    const end = splitIn(rest);
    parts.push(`${rest.slice(0, end)}${CONTINUES}`);
    rest = rest.slice(end);
  }
  return [...parts, rest]
    .map((part, index): [string, string] => [index === 0 ? name : `${name}_${index + 1}`, part])
    .toReversed();
}

/** Where to split: no character is divided, and Twilio's tool would remove a space at the beginning of a part. */
function splitIn(text: string): number {
  let bytes = Buffer.byteLength(CONTINUES);
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > limits.value) break;
    end += character.length;
  }
  while (end > 1 && /\s/.test(text.charAt(end))) end -= 1;
  return end;
}
