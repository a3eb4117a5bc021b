import type { EmulatorOptions } from "../../../emulator/emulator.ts";
import type { ScenarioContext } from "./context.ts";

/** A scenario that runs against the emulator. It throws when an expectation fails. */
export interface Scenario {
  /** In the present tense: "a conversation is created with every parameter". */
  readonly name: string;
  /** `both` runs it twice: for the account's default service, and for a service that is named in the path. */
  readonly families: "both" | "account";
  /** Options of the emulator, besides its manual clock. */
  readonly options: EmulatorOptions;
  run(context: ScenarioContext): Promise<void>;
}

/** A scenario of resources that exist in both path families: use `context.api`. */
export function inBothFamilies(name: string, run: Scenario["run"], options: EmulatorOptions = {}): Scenario {
  return { name, families: "both", options, run };
}

/** A scenario of resources in one path family. */
export function inTheAccount(name: string, run: Scenario["run"]): Scenario {
  return { name, families: "account", options: {}, run };
}
