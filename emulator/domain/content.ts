import { checkTypes } from "./content-types.ts";
import type { Approval, ApprovalStatus, Content } from "./model.ts";
import type { Resources } from "./resources.ts";
import { contentRules } from "./rules/content.ts";

/** The content types that Conversations supports, the preferred one first ("Send Rich Content Messages with Conversations"). */
export const supportedTypes = [
  "whatsapp/card",
  "twilio/text",
  "twilio/media",
  "twilio/location",
  "twilio/quick-reply",
  "twilio/call-to-action",
  "twilio/list-picker",
  "twilio/card",
];

/** A new content template; the fields are those of the Content API, still unchecked. */
export type ContentInput = ReadonlyMap<string, unknown>;

/** Creates a content template. Bodies are JSON: `friendly_name`, `language`, `variables`, `types`. */
export function createContent(resources: Resources, input: ContentInput): Content {
  const types = checkTypes(objectEntries(input.get("types")));
  const variables = checkDefaults(input.get("variables"));
  const name = input.get("friendly_name");
  const now = resources.clock.now();
  const content: Content = {
    sid: resources.ids.sid("HX"),
    seq: resources.contents.nextSeq(),
    friendlyName: isText(name) ? name : "",
    language: checkLanguage(input.get("language")),
    variables,
    types,
    approval: undefined,
    dateCreated: now,
    dateUpdated: now,
  };
  resources.contents.add(content);
  return content;
}

/** Changes a template that was not submitted yet. Omitted parameters are not changed. */
export function updateContent(resources: Resources, content: Content, input: ContentInput): void {
  if (content.approval !== undefined) throw contentRules.alreadySubmitted();
  const { types, variables, language, friendlyName } = content;
  const name = input.get("friendly_name");
  const changed = {
    types: input.has("types") ? checkTypes(objectEntries(input.get("types"))) : types,
    variables: input.has("variables") ? checkDefaults(input.get("variables")) : variables,
    language: input.has("language") ? checkLanguage(input.get("language")) : language,
    friendlyName: isText(name) ? name : friendlyName,
  };
  Object.assign(content, changed, { dateUpdated: resources.clock.now() });
}

/**
 * Submits a template to WhatsApp, once. List pickers and locations cannot be submitted (Twilio's page on the list
 * picker; on the location it is assumed). A template that breaks WhatsApp's formatting rules is rejected at once.
 */
export function requestApproval(content: Content, name: string, category: string): Approval {
  if (content.approval !== undefined) throw contentRules.alreadySubmitted();
  const unfit = sessionOnlyTypes.find((type) => content.types.has(type));
  if (unfit !== undefined && content.types.size === 1) throw contentRules.notForApproval(unfit);
  const rejectionReason = formattingProblem(content) ?? "";
  const status = rejectionReason === "" ? "received" : "rejected";
  content.approval = { name, category, status, rejectionReason };
  return content.approval;
}

/** Types that are delivered only inside WhatsApp's 24-hour window (error dictionary 63016). */
export const sessionOnlyTypes = ["twilio/list-picker", "twilio/location"];

/**
 * The reason for which WhatsApp rejects the text of a template automatically, if any: a variable at its beginning or
 * end, two adjacent ones, one without a sample value (Twilio's page on the quick reply).
 */
function formattingProblem({ types, variables }: Content): string | undefined {
  for (const [type, fields] of types) {
    const body = objectEntries(fields)?.get("body");
    if (!isText(body)) continue;
    const names = [...body.matchAll(/\{\{\s*([^{}\s]+)\s*\}\}/g)].map(([, name = ""]) => name);
    if (/^\s*\{\{|\}\}\s*$/.test(body)) return `${type}: the body begins or ends with a variable`;
    if (/\}\}\s*\{\{/.test(body)) return `${type}: two variables are beside each other`;
    const unexplained = names.find((name) => !variables.get(name));
    if (unexplained !== undefined) return `${type}: variable ${unexplained} has no sample value`;
  }
  return undefined;
}

/** Sets WhatsApp's decision on a template, whether or not it was submitted before. */
export function decideApproval(content: Content, status: ApprovalStatus, rejectionReason: string): Approval {
  content.approval ??= { name: content.friendlyName, category: "UTILITY", status, rejectionReason };
  Object.assign(content.approval, { status, rejectionReason });
  return content.approval;
}

/** Whether a template has a type that can be sent in a conversation. */
export function isSendable(content: Content): boolean {
  return supportedTypes.some((type) => content.types.has(type));
}

function checkDefaults(variables: unknown): ReadonlyMap<string, string> {
  if (variables === undefined || variables === null) return new Map();
  const entries = objectEntries(variables);
  if (entries === undefined) throw contentRules.variablesInvalid();
  if (entries.size > 100) throw contentRules.tooManyVariables();
  return new Map(
    [...entries].map(([name, value]) => {
      if (!isText(value)) throw contentRules.variablesInvalid();
      return [name, value];
    }),
  );
}

function checkLanguage(language: unknown): string {
  if (language === undefined || language === null || language === "") throw contentRules.languageMissing();
  if (!isText(language) || !/^[a-z]{2,3}([_-][A-Za-z0-9]{2,8})*$/.test(language))
    throw contentRules.languageInvalid();
  return language;
}

/** Whether a value is text. */
export function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** The own entries of a JSON object as a map, since keys of callers must not index plain objects. */
export function objectEntries(value: unknown): Map<string, unknown> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value));
}
