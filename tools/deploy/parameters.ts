import type { Variables } from "../../infra/account/file.ts";
import { UserError } from "../../infra/account/user-error.ts";
import type { Parameter, ParameterRule } from "../../infra/template/parameters.ts";

/** CloudFormation's limit for the value of a parameter. */
const MOST_BYTES = 4_096;

/**
 * Checks values as CloudFormation does, before anything is changed.
 *
 * @param values By the parameters' names.
 * @throws {UserError} that names each setting that CloudFormation would reject, and what it accepts.
 */
export function checkParameters(
  parameters: readonly Parameter[],
  rules: readonly ParameterRule[],
  values: ReadonlyMap<string, string>,
): void {
  const rejected = parameters.flatMap(({ name, variable, allowedValues, allowedPattern, constraint }) => {
    const value = values.get(name) ?? "";
    if (allowedValues !== undefined && !allowedValues.includes(value))
      return [`${variable} must be one of ${allowedValues.filter((one) => one !== "").join(", ")}`];
    if (allowedPattern === undefined || allowedPattern.test(value)) return [];
    return [`${variable} ${constraint ?? `must match ${allowedPattern.source}`}`];
  });
  const broken = rules.filter(({ parameter, needs }) => values.get(parameter) && !values.get(needs));
  const problems = [...rejected, ...broken.map(({ description }) => description.replace(/\.$/, ""))];
  if (problems.length > 0)
    throw new UserError(`Nothing was deployed.\n${problems.map((problem) => `- ${problem}`).join("\n")}`);
}

/** The value of each parameter by its name: its setting, or its default. */
export const valuesOf = (
  parameters: readonly Parameter[],
  variables: Variables,
): ReadonlyMap<string, string> =>
  new Map(
    parameters.map(({ name, variable, default: otherwise }) => [
      name,
      variables[variable] || (otherwise ?? ""),
    ]),
  );

/**
 * The arguments after `--parameter-overrides` of `sam deploy`: each parameter with its setting, or with its default, since a
 * parameter that is not named may keep the value of the previous deployment.
 *
 * @throws {UserError} for a setting that is missing or that `sam` cannot pass on.
 */
export function overridesOf(
  parameters: readonly Pick<Parameter, "name" | "variable" | "default">[],
  variables: Variables,
): string[] {
  return parameters.map(({ name, variable, default: otherwise }) => {
    const value = variables[variable] || otherwise;
    if (value === undefined) throw new UserError(`${variable} is missing: the template requires it.`);
    if (Buffer.byteLength(value) > MOST_BYTES)
      throw new UserError(
        `${variable} is longer than ${MOST_BYTES} bytes, the most that CloudFormation accepts. Put it into settings.json.`,
      );
    return `${name}=${quoted(variable, value)}`;
  });
}

/**
 * `sam` removes the quotation marks around a value and the backslash before a quotation mark, and has no escape for a
 * backslash. In JSON, both have another form.
 *
 * @see https://github.com/aws/aws-sam-cli/blob/develop/samcli/cli/types.py (CfnParameterOverridesType)
 */
function quoted(variable: string, value: string): string {
  const text = isJson(value)
    ? value.replace(/\\(["\\])/g, (_, one) => (one === '"' ? "\\u0022" : "\\u005c"))
    : value;
  if (/\\["' ]|\\$|[\r\n]/.test(text))
    throw new UserError(
      `${variable}: sam cannot pass on a line break, or a backslash before a quotation mark, a space or the end.`,
    );
  return `"${text.replaceAll('"', '\\"')}"`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
