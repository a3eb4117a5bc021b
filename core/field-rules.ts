import * as v from "valibot";

/** A rule about combinations of input fields, for validation and for the OpenAPI description. */
export interface FieldRule {
  readonly kind: "exactlyOne" | "atLeastOne" | "together" | "needs" | "excludes";
  readonly fields: readonly string[];
  /** The error's code, if it is not `invalid_input`. */
  readonly code?: string;
}

type Given = Readonly<Record<string, unknown>>;
type Name<Input> = keyof Input & string;
type Names<Input> = readonly [Name<Input>, ...Name<Input>[]];
type Rule<Input> = v.BaseValidation<Input, Input, v.BaseIssue<unknown>>;

/** The error for a violated rule: its message, the field that it names, and its code. */
interface Rejection<Input> {
  readonly message?: string;
  readonly field?: Name<Input>;
  readonly code?: string;
}

/** @param holds Checks the rule, from the number of given fields and whether the first one is among them. */
function fieldRule<Input>(
  rule: FieldRule,
  field: string,
  message: string,
  holds: (count: number, isFirstGiven: boolean) => boolean,
): Rule<Input> {
  const isKept = (given: Given) => {
    const present = rule.fields.filter((name) => given[name] !== undefined);
    return holds(present.length, present[0] === rule.fields[0]);
  };
  const check = v.check(Object.assign(isKept, rule), message);
  // The callers' types ensure that the input has these fields; Valibot cannot forward a check of an unknown object type.
  return v.forward<Given, v.BaseIssue<unknown>, [string]>(check, [field]) as unknown as Rule<Input>;
}

/** Exactly one of the fields must be given. */
export const exactlyOne = <Input>(fields: Names<Input>): Rule<Input> => {
  const [choice, word, end] =
    fields.length === 2 ? ["either", "or", ", not both"] : ["one of", "and", " only"];
  const message = `Give ${choice} ${fields.slice(0, -1).join(", ")} ${word} ${fields.at(-1)}${end}.`;
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
    `Give ${first} and ${second} together.`,
    (count) => count !== 1,
  );

/** The first field may be given only with the second. */
export const needs = <Input>(
  first: Name<Input>,
  second: Name<Input>,
  { message = `Give ${first} only with ${second}.`, field = first, ...code }: Rejection<Input> = {},
): Rule<Input> =>
  fieldRule(
    { kind: "needs", fields: [first, second], ...code },
    field,
    message,
    (count, isFirstGiven) => count !== 1 || !isFirstGiven,
  );

/** The first field may not be given with any of the others. */
export const excludes = <Input>(fields: Names<Input>, message: string): Rule<Input> =>
  fieldRule(
    { kind: "excludes", fields },
    fields[0],
    message,
    (count, isFirstGiven) => count < 2 || !isFirstGiven,
  );

/** The error message for `contentSid` with text or a file. */
export const TEMPLATE_OR_TEXT = "Give either a template (contentSid), or text and a file.";
