import * as v from "valibot";

/** A rule about which fields of an input are given together, for its check and for the OpenAPI description. */
export interface FieldRule {
  readonly kind: "exactlyOne" | "atLeastOne" | "together" | "needs" | "excludes";
  readonly fields: readonly string[];
  /** The error's code, where it is another one than `invalid_input`. */
  readonly code?: string;
}

type Given = Readonly<Record<string, unknown>>;
type Name<Input> = keyof Input & string;
type Names<Input> = readonly [Name<Input>, ...Name<Input>[]];
type Rule<Input> = v.BaseValidation<Input, Input, v.BaseIssue<unknown>>;

/** What a caller is told who breaks a rule: the message, the field that is named as wrong, and the error's code. */
interface Rejection<Input> {
  readonly message?: string;
  readonly field?: Name<Input>;
  readonly code?: string;
}

/** @param holds Says from the number of fields that are given, and whether the first is among them, if the rule is kept. */
function fieldRule<Input>(
  rule: FieldRule,
  field: string,
  message: string,
  holds: (count: number, isFirstGiven: boolean) => boolean,
): Rule<Input> {
  const isKept = (given: Given) => {
    const there = rule.fields.filter((name) => given[name] !== undefined);
    return holds(there.length, there[0] === rule.fields[0]);
  };
  const check = v.check(Object.assign(isKept, rule), message);
  // Generic over the input, whose names the callers have checked.
  return v.forward<Given, v.BaseIssue<unknown>, [string]>(check, [field]) as unknown as Rule<Input>;
}

/** Exactly one of the fields must be given. */
export const exactlyOne = <Input>(fields: Names<Input>): Rule<Input> => {
  const [choice, word] = fields.length === 2 ? ["either", "or"] : ["one of", "and"];
  const message = `Give ${choice} ${fields.slice(0, -1).join(", ")} ${word} ${fields.at(-1)}.`;
  return fieldRule({ kind: "exactlyOne", fields }, fields[0], message, (count) => count === 1);
};

/** At least one of the fields must be given. */
export const atLeastOne = <Input>(fields: Names<Input>, message: string): Rule<Input> =>
  fieldRule({ kind: "atLeastOne", fields }, fields[0], message, (count) => count > 0);

/** Both fields must be given, or neither. */
export const together = <Input>(first: Name<Input>, second: Name<Input>): Rule<Input> =>
  fieldRule(
    { kind: "together", fields: [first, second] },
    second,
    `${first} and ${second} belong together.`,
    (count) => count !== 1,
  );

/** The first field makes sense only beside the second. */
export const needs = <Input>(
  first: Name<Input>,
  second: Name<Input>,
  { message = `${first} belong to ${second}.`, field = first, ...code }: Rejection<Input> = {},
): Rule<Input> =>
  fieldRule(
    { kind: "needs", fields: [first, second], ...code },
    field,
    message,
    (count, isFirstGiven) => count !== 1 || !isFirstGiven,
  );

/** The first field may not be given beside any of the others. */
export const excludes = <Input>(fields: Names<Input>, message: string): Rule<Input> =>
  fieldRule(
    { kind: "excludes", fields },
    fields[0],
    message,
    (count, isFirstGiven) => count < 2 || !isFirstGiven,
  );

/** What is said of `contentSid` beside text or a file. */
export const TEMPLATE_STANDS_ALONE = "A template stands alone: give contentSid, or text and a file.";
