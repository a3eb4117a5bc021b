import type { Modifications, PendingAction } from "./events.ts";
import { requestRules } from "./rules/request.ts";
import type { World } from "./world.ts";

/** A command in three steps. */
export interface Command<Draft, Result> {
  /** Checks everything and says what would be done, with the changes that a pre-action webhook asked for. */
  prepare(modifications: Modifications): Draft;
  /** The same for the pre-action webhook. */
  describe(draft: Draft): PendingAction;
  /** Does it. */
  commit(draft: Draft): Result;
}

/**
 * Runs a command past the pre-action webhook, if one listens for it. What was prepared is committed in the same
 * breath, so no other request gets between the checks and the change. After a webhook has answered everything is
 * prepared anew: the world may have moved on meanwhile, and modified values must pass the same rules
 * ("Conversations Webhooks": the error goes back to the caller).
 */
export async function throughGate<Draft, Result>(
  world: World,
  command: Command<Draft, Result>,
): Promise<Result> {
  const draft = command.prepare(unmodified);
  const answer = world.gate(command.describe(draft));
  if (answer === undefined) return command.commit(draft);
  const modifications = await answer;
  return command.commit(command.prepare(modifications));
}

const unmodified: Modifications = new Map();

/**
 * What a pre-action webhook makes of a text field; undefined is what it does not mention. A value that is no text is an
 * error to the caller ("Conversations Webhooks": modified values that fail validation).
 */
export function modifiedText(modified: Modifications, name: string): string | undefined {
  const value = modified.get(name);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw requestRules.modificationInvalid(name);
  return value;
}
