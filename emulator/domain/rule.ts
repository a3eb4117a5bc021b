import { ApiError } from "./errors.ts";

/**
 * Where a rule comes from.
 *
 * - `documented`: Twilio's documentation, OpenAPI or error dictionary states it.
 * - `observed`: seen in real answers that were published.
 * - `assumed`: nobody says; the choice is ours.
 */
export type RuleSource = "documented" | "observed" | "assumed";

/** One reason to refuse a request. `%s` in the message stands for the value given when the rule is broken. */
export interface Rule {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly source: RuleSource;
  /** The page, dictionary entry or kind of capture that `source` means. */
  readonly ref: string;
  /** Extra text that only some bodies carry (20003 does). */
  readonly detail?: string;
}

/** A rule of a table, ready to be thrown: `throw conversationRules.closed()`. */
export interface Violation extends Rule {
  /** Table and name, "conversation.closed". */
  readonly id: string;
  (value?: string): ApiError;
}

/**
 * Turns a table of rules into the errors to throw, under the same names, with the rules still readable on them.
 * `tableName` begins the id of each.
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
