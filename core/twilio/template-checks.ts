import { InvalidInput } from "../errors.ts";

/** The parts of a content template that sending it by WhatsApp depends on. */
export interface Template {
  /** WhatsApp's approval status: `unsubmitted`, `received`, `pending`, `approved`, `rejected`, `paused` or `disabled`. */
  readonly whatsappStatus: string;
  /** Its representations by type (`twilio/text`, …). */
  readonly types: Readonly<Record<string, unknown>>;
  /** Default values of variables. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

/** The content types that Conversations supports (docs: Send rich content messages). */
const SENDABLE = ["text", "media", "location", "quick-reply", "call-to-action", "list-picker", "card"];
/** Types that WhatsApp accepts only within the 24-hour window (error 63016). */
const SESSION_ONLY = ["twilio/list-picker", "twilio/location"];
/** Longest text of a template with its variables replaced (error 63021). */
const LONGEST_RENDERED = 1_024;

/**
 * Checks that a template has a type that can be sent.
 *
 * @param needsApproval Whether it must be deliverable outside the 24-hour window.
 * @throws {InvalidInput} `template_type_unsupported`, `template_type_needs_window`
 */
export function checkTypes(types: Template["types"], field: string, needsApproval: boolean): void {
  const names = Object.keys(types);
  const sendable = names.filter(
    (name) => name === "whatsapp/card" || SENDABLE.some((type) => name === `twilio/${type}`),
  );
  if (sendable.length === 0) {
    const message = `${field}: conversations cannot send this template's type, ${names.join(", ") || "which it lacks"}.`;
    throw new InvalidInput(message, { code: "template_type_unsupported", field });
  }
  const rich = sendable.filter((name) => name !== "twilio/text");
  if (needsApproval && rich.length > 0 && rich.every((name) => SESSION_ONLY.includes(name))) {
    const message = `${field}: WhatsApp takes ${rich.join(", ")} only within 24 hours of a person's last message.`;
    throw new InvalidInput(message, { code: "template_type_needs_window", field });
  }
}

/**
 * Checks a template's variables as Twilio and WhatsApp do after the message was created (errors 21656, 63013, 63021,
 * 63028).
 *
 * @throws {InvalidInput} `template_variables_missing`, `template_variables_unknown`, `template_variable_invalid`,
 *   `template_too_long`
 */
export function checkVariables(
  { types, defaults }: Pick<Template, "types" | "defaults">,
  variables: Readonly<Record<string, string>>,
  field: string,
): void {
  const placeholders = placeholdersOf(types);
  const refuse = (code: string, message: string) => new InvalidInput(`${field}: ${message}`, { code, field });
  const missing = placeholders.filter(
    (name) => !Object.hasOwn(variables, name) && !Object.hasOwn(defaults, name),
  );
  if (missing.length > 0)
    throw refuse("template_variables_missing", `the template also needs ${missing.join(", ")}.`);
  const unknown = Object.keys(variables).filter((name) => !placeholders.includes(name));
  if (unknown.length > 0)
    throw refuse("template_variables_unknown", `the template has no variable ${unknown.join(", ")}.`);
  for (const [name, value] of Object.entries(variables)) {
    const problem = problemOf(value);
    if (problem !== undefined)
      throw refuse("template_variable_invalid", `variable ${name} ${problem}, which WhatsApp refuses.`);
  }
  const values = new Map(Object.entries({ ...defaults, ...variables }));
  const fill = (text: string) =>
    text.replace(PLACEHOLDER, (whole, name: string) => String(values.get(name) ?? whole));
  for (const content of Object.values(types)) {
    const body =
      typeof content === "object" && content !== null && "body" in content ? content.body : undefined;
    const length = typeof body === "string" ? fill(body).length : 0;
    if (length > LONGEST_RENDERED)
      throw refuse(
        "template_too_long",
        `the text has ${length} characters with them; WhatsApp takes ${LONGEST_RENDERED}.`,
      );
  }
}

const PLACEHOLDER = /\{\{\s{0,8}(\w{1,64})\s{0,8}\}\}/g;

/** Names of the variables in a template, whatever its type. */
export function placeholdersOf(types: Template["types"]): string[] {
  const names = JSON.stringify(types).matchAll(PLACEHOLDER);
  return [...new Set([...names].flatMap(([, name]) => name ?? []))].sort();
}

function problemOf(value: string): string | undefined {
  if (value.trim() === "") return "is empty";
  if (/[\r\n]/.test(value)) return "holds a line break";
  if (value.includes("\t")) return "holds a tab";
  return / {5}/.test(value) ? "holds more than four spaces in a row" : undefined;
}
