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
  /** The findings, one sentence each. Throws if the check is not possible. */
  run(context: CheckContext): Promise<string[]>;
}
