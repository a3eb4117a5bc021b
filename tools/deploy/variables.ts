import type { Variables } from "../../infra/account/file.ts";
import { UserError } from "../../infra/account/user-error.ts";
import { variableNames } from "../../infra/endpoints.ts";

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
    lines.push(`${name}='${value}'`);
  }
  return `${lines.join("\n")}\n`;
}
