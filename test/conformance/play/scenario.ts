import type { EmulatorOptions } from "../../../emulator/emulator.ts";
import type { ScenarioContext } from "./context.ts";

/** A story that is played against the emulator. What it expects and does not get, it throws. */
export interface Scenario {
  /** In the present tense: "a conversation is created with every parameter". */
  readonly name: string;
  /** `both` plays it twice: for the account's default service, and for a service that is named in the path. */
  readonly families: "both" | "account";
  /** How the emulator is started for it, beside its clock that stands still. */
  readonly options: EmulatorOptions;
  play(context: ScenarioContext): Promise<void>;
}

/** A scenario of resources that exist in both path families: use `context.api`. */
export function inBothFamilies(
  name: string,
  play: Scenario["play"],
  options: EmulatorOptions = {},
): Scenario {
  return { name, families: "both", options, play };
}

/** A scenario of resources that exist once. */
export function inTheAccount(name: string, play: Scenario["play"]): Scenario {
  return { name, families: "account", options: {}, play };
}
