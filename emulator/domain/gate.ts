import type { Modifications, PendingAction } from "./events.ts";
import type { Resources } from "./resources.ts";
import { requestRules } from "./rules/request.ts";

/** A command in three steps. */
export interface Command<Draft, Result> {
  /** Validates everything and returns a draft, with the modifications of a pre-action webhook. */
  prepare(modifications: Modifications): Draft;
  /** Describes the draft for the pre-action webhook. */
  describe(draft: Draft): PendingAction;
  /** Executes the draft. */
  commit(draft: Draft): Result;
}

/**
 * Runs a command, after the pre-action webhook if one is configured. A draft is prepared and committed synchronously,
 * so no other request can change anything in between. After the response of a webhook it is prepared again: the state
 * may have changed, and modified values must pass the same rules ("Conversations Webhooks": the caller receives the
 * error).
 */
export async function throughGate<Draft, Result>(
  resources: Resources,
  command: Command<Draft, Result>,
): Promise<Result> {
  const draft = command.prepare(unmodified);
  const answer = resources.gate(command.describe(draft));
  if (answer === undefined) return command.commit(draft);
  const modifications = await answer;
  return command.commit(command.prepare(modifications));
}

const unmodified: Modifications = new Map();

/**
 * A text field as modified by a pre-action webhook; undefined when it is omitted. A value that is not text is an error for
 * the caller ("Conversations Webhooks": modified values that fail validation).
 */
export function modifiedText(modified: Modifications, name: string): string | undefined {
  const value = modified.get(name);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw requestRules.modificationInvalid(name);
  return value;
}
