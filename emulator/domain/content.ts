import type { Approval, ApprovalStatus, Content } from "./model.ts";
import { contentRules } from "./rules/content.ts";
import type { World } from "./world.ts";

/** The content types that Conversations supports; of the richer ones, the first goes first ("Send Rich Content Messages with Conversations"). */
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
export function createContent(world: World, input: ContentInput): Content {
  const types = checkTypes(input.get("types"));
  const variables = checkDefaults(input.get("variables"));
  const name = input.get("friendly_name");
  const now = world.clock.now();
  const content: Content = {
    sid: world.ids.sid("HX"),
    seq: world.contents.nextSeq(),
    friendlyName: isText(name) ? name : "",
    language: checkLanguage(input.get("language")),
    variables,
    types,
    approval: undefined,
    dateCreated: now,
    dateUpdated: now,
  };
  world.contents.add(content);
  return content;
}

/** Changes a template that was not submitted yet. What is not mentioned stays. */
export function updateContent(world: World, content: Content, input: ContentInput): void {
  if (content.approval !== undefined) throw contentRules.alreadySubmitted();
  const { types, variables, language, friendlyName } = content;
  const name = input.get("friendly_name");
  const changed = {
    types: input.has("types") ? checkTypes(input.get("types")) : types,
    variables: input.has("variables") ? checkDefaults(input.get("variables")) : variables,
    language: input.has("language") ? checkLanguage(input.get("language")) : language,
    friendlyName: isText(name) ? name : friendlyName,
  };
  Object.assign(content, changed, { dateUpdated: world.clock.now() });
}

/** Submits a template to WhatsApp, once. */
export function requestApproval(content: Content, name: string, category: string): Approval {
  if (content.approval !== undefined) throw contentRules.alreadySubmitted();
  content.approval = { name, category, status: "received", rejectionReason: "" };
  return content.approval;
}

/** WhatsApp's word on a template, whether or not it was submitted before. */
export function decideApproval(content: Content, status: ApprovalStatus, rejectionReason: string): Approval {
  content.approval ??= { name: content.friendlyName, category: "UTILITY", status, rejectionReason };
  Object.assign(content.approval, { status, rejectionReason });
  return content.approval;
}

/** Whether a template has a type that can be sent in a conversation. */
export function isSendable(content: Content): boolean {
  return supportedTypes.some((type) => content.types.has(type));
}

function checkTypes(given: unknown): ReadonlyMap<string, unknown> {
  const types = new Map([...(objectEntries(given) ?? [])].filter(([, value]) => value !== null));
  if (types.size === 0) throw contentRules.typesMissing();
  if ([...types].some(([type, value]) => !isKnownType(type) || objectEntries(value) === undefined)) {
    throw contentRules.typeUnsupported();
  }
  return types;
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

function isKnownType(type: string): boolean {
  return /^(twilio|whatsapp)\/[a-z-]{1,40}$/.test(type) && type !== "twilio/button";
}

/** Whether a value of somebody's JSON is text. */
export function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** The own entries of a JSON object, as a map: a caller's keys never meet an object's prototype. */
export function objectEntries(value: unknown): Map<string, unknown> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value));
}
