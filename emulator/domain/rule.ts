import { ApiError } from "./errors.ts";

/**
 * Where a rule comes from.
 *
 * - `documented`: Twilio's documentation, OpenAPI or error dictionary states it.
 * - `observed`: in published responses of Twilio.
 * - `assumed`: not published; chosen for the emulator.
 */
export type RuleSource = "documented" | "observed" | "assumed";

/** A rule that requests must follow. `%s` in the message is replaced by the rejected value. */
export interface Rule {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly source: RuleSource;
  /** The page, dictionary entry or observation that `source` refers to. */
  readonly ref: string;
  /** Extra text in some error bodies, such as that of 20003. */
  readonly detail?: string;
}

/** A rule of a table, ready to be thrown: `throw conversationRules.closed()`. */
export interface Violation extends Rule {
  /** Table and name, "conversation.closed". */
  readonly id: string;
  (value?: string): ApiError;
}

/**
 * Turns a table of rules into functions that create their errors, with the same names and the rule's properties.
 * `tableName` is the first part of each id.
 */
export function defineRules<Name extends string>(
  tableName: string,
  table: Readonly<Record<Name, Rule>>,
): Readonly<Record<Name, Violation>> {
  const violations = Object.entries<Rule>(table).map(([name, rule]) => {
    const id = `${tableName}.${name}`;
    const violation = (value = "") =>
      new ApiError(
        rule.status,
        rule.code,
        rule.message.replace("%s", () => value),
        { detail: rule.detail, ruleId: id },
      );
    return [name, Object.assign(violation, rule, { id })];
  });
  return Object.fromEntries(violations);
}
