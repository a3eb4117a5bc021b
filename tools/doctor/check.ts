import type { TwilioApi } from "../../infra/account/api.ts";
import type { Variables } from "../../infra/account/file.ts";

/** What a check can read. */
export interface CheckContext {
  /** The settings: `.env`, overridden by the process's environment, with those of `settings.json` below. */
  readonly variables: Variables;
  /** What is wrong in the settings files. */
  readonly problems: readonly string[];
  /** Names in `.env`. */
  readonly named: readonly string[];
  /** The repository's folder. */
  readonly folder: string;
  /** Reads from Twilio; undefined without valid credentials. */
  readonly api: TwilioApi | undefined;
  /** The path of the account file. */
  readonly accountFile: string;
}

/** A check. It changes nothing. */
export interface Check {
  readonly name: string;
  /** What is correct when it finds nothing. */
  readonly description: string;
  /** Whether it makes requests to Twilio or the deployment. */
  readonly isOnline: boolean;
  /** How to fix what it finds, with the command. */
  readonly advice: string;
  /** The findings, one sentence each. Throws {@link NotChecked}, or another error if the check was not possible. */
  run(context: CheckContext): Promise<string[]>;
}

/** There is nothing to check: the message says which setting is not set. */
export class NotChecked extends Error {}

/** @throws {NotChecked} without the credentials, which the check of the settings reports. */
export function apiOf({ api }: CheckContext): TwilioApi {
  if (api === undefined) throw new NotChecked("the account's credentials are not set");
  return api;
}

/** The value of a setting. @throws {NotChecked} if it is not set. */
export function settingOf({ variables }: CheckContext, name: string): string {
  const value = variables[name];
  const hint = name === "PUBLIC_BASE_URL" ? "; --base-url URL sets it for this command" : "";
  if (!value) throw new NotChecked(`${name} is not set${hint}`);
  return value;
}

/** The addresses of `PROXY_ADDRESSES` and `WHATSAPP_PROXY_ADDRESS`. */
export function proxyAddressesOf({ variables }: CheckContext): string[] {
  const { PROXY_ADDRESSES = "", WHATSAPP_PROXY_ADDRESS = "" } = variables;
  const whatsapp = WHATSAPP_PROXY_ADDRESS.replace(/^(?=\+)/, "whatsapp:");
  const all = [...PROXY_ADDRESSES.split(","), whatsapp].map((address) => address.trim());
  return [...new Set(all.filter((address) => address !== ""))];
}
