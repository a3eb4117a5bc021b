/** A parameter of the template. */
export interface Parameter {
  readonly name: string;
  /** The setting of the same name: `PROXY_ADDRESSES` for `ProxyAddresses`. */
  readonly variable: string;
  readonly description: string;
  /** Undefined for one that is required. */
  readonly default: string | undefined;
  /** The only values that CloudFormation accepts; undefined if it accepts all that match the pattern. */
  readonly allowedValues: readonly string[] | undefined;
  readonly allowedPattern: RegExp | undefined;
  /** What a value that matches the pattern is: `must be …`. */
  readonly constraint: string | undefined;
}

/** The parameters of a SAM template. */
export function parametersOf(template: string): Parameter[] {
  const [, section = ""] = /^Parameters:\n([\s\S]*?)^\S/m.exec(template) ?? [];
  return [...section.matchAll(/^ {2}(\w+):\n((?: {4}.*\n)+)/gm)].map(([, name = "", body = ""]) => {
    const field = (key: string) => new RegExp(`^ {4}${key}: (.*(?:\\n {6}.*)*)$`, "m").exec(body)?.[1];
    const pattern = field("AllowedPattern");
    return {
      name,
      variable: name.replace(/(?!^)[A-Z]/g, "_$&").toUpperCase(),
      description: (field("Description") ?? "").replace(/^>-/, "").replace(/\s+/g, " ").trim(),
      default: unquoted(field("Default")),
      allowedValues: field("AllowedValues")
        ?.slice(1, -1)
        .split(",")
        .map((value) => unquoted(value.trim()) ?? ""),
      allowedPattern: pattern === undefined ? undefined : new RegExp(pattern),
      constraint: field("ConstraintDescription"),
    };
  });
}

const unquoted = (text: string | undefined): string | undefined => text?.replace(/^(["'])(.*)\1$/, "$2");

/** A rule of the template: with a value of one parameter, another one is required. */
export interface ParameterRule {
  readonly parameter: string;
  readonly needs: string;
  readonly description: string;
}

const RULE =
  /^ {2}\w+:\n {4}RuleCondition: !Not \[!Equals \[!Ref (\w+), ""\]\]\n {4}Assertions:\n {6}- Assert: !Not \[!Equals \[!Ref (\w+), ""\]\]\n {8}AssertDescription: (.*)\n/gm;

/** The rules of a SAM template. @throws for one of another form. */
export function rulesOf(template: string): ParameterRule[] {
  const [, section = ""] = /^Rules:\n([\s\S]*?)^\S/m.exec(template) ?? [];
  const rest = section.replace(RULE, "").trim();
  if (rest !== "") throw new Error(`A rule of the template cannot be read: ${rest}`);
  return [...section.matchAll(RULE)].map(([, parameter = "", needs = "", description = ""]) => ({
    parameter,
    needs,
    description,
  }));
}
