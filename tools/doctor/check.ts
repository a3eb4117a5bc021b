import type { TwilioApi } from "../../infra/account/api.ts";
import type { Variables } from "../../infra/account/file.ts";

/** What a check looks at. */
export interface Scene {
  /** The settings: `.env`, and the process's own variables on top. */
  readonly variables: Variables;
  /** Names that stand in `.env`. */
  readonly named: readonly string[];
  /** The repository's folder. */
  readonly folder: string;
  /** Reads from Twilio; undefined where the credentials do not allow it. */
  readonly api: TwilioApi | undefined;
  /** The account's file. */
  readonly accountFile: string;
}

/** One thing that is looked at. It changes nothing. */
export interface Check {
  readonly name: string;
  /** What is right when it finds nothing. */
  readonly description: string;
  /** Whether it asks Twilio or the deployment. */
  readonly isOnline: boolean;
  /** What to do about what it finds, with the command. */
  readonly advice: string;
  /** What is wrong, a sentence each. Throws where it could not be told. */
  run(scene: Scene): Promise<string[]>;
}
