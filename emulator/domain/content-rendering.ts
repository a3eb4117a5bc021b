import { type Channel, channelTraits } from "./channels.ts";
import { isText, objectEntries, supportedTypes } from "./content.ts";
import type { Choice, Content } from "./model.ts";

/** A link to tap: a web page ("https:…") or a call ("tel:…"). */
export interface ContentLink {
  readonly title: string;
  readonly url: string;
}

/** A location, in degrees. */
export interface ContentLocation {
  readonly latitude: number;
  readonly longitude: number;
}

/** A template as a recipient sees it, with its placeholders filled. */
export interface Rendering {
  readonly type: string;
  readonly body: string;
  /** The buttons and items that the recipient can tap to reply. */
  readonly choices: readonly Choice[];
  readonly links: readonly ContentLink[];
  readonly location: ContentLocation | null;
  readonly mediaUrls: readonly string[];
}

/**
 * The template as a message of the conversation or a phone of the channel shows it. On SMS and in the conversation,
 * which show only text, `twilio/text` is preferred to other types. On SMS links and a location become lines below the
 * text, and replies are typed (assumed: the page covers WhatsApp only).
 */
export function renderContent(
  content: Content,
  variables: ReadonlyMap<string, string>,
  channel: Channel | undefined,
): Rendering {
  const type = chooseType(content, channel === undefined ? inConversation : channelTraits[channel]);
  const fields = objectEntries(content.types.get(type)) ?? new Map<string, unknown>();
  const fill = (text: string) => fillPlaceholders(text, variables, content.variables);
  const lines = ["header_text", "title", "body", "subtitle", "footer", "label"].map((key) => fields.get(key));
  const body = lines.filter(isText).map(fill).join("\n");
  const links = linksOf(fields).map(({ title, url }) => ({ title: fill(title), url: fill(url) }));
  const location = type === "twilio/location" ? locationOf(fields) : null;
  const mediaUrls = list(fields.get("media")).filter(isText).map(fill);
  if (channel !== undefined && !channelTraits[channel].showsRichContent) {
    const text = [body, ...links.map(({ title, url }) => `${title}: ${url}`), ...pinLines(location)];
    return { type, body: text.filter(Boolean).join("\n"), choices: [], links: [], location: null, mediaUrls };
  }
  const choices = choicesOf(type, fields).map(({ kind, title, id }) => ({
    kind,
    title: fill(title),
    id: id === null ? null : fill(id),
  }));
  return { type, body, choices, links, location, mediaUrls };
}

/**
 * A template as an SDK receives it, with its placeholders filled: the fields of its richest type that is not specific
 * to WhatsApp (assumed: the choice is not documented).
 */
export function richContentOf(
  content: Content,
  variables: ReadonlyMap<string, string>,
): { readonly type: string; readonly data: unknown } {
  const type = chooseType(content, onSdk);
  const fill = (_: string, value: unknown) =>
    isText(value) ? fillPlaceholders(value, variables, content.variables) : value;
  return { type, data: JSON.parse(JSON.stringify(content.types.get(type) ?? {}), fill) };
}

/** The names of the placeholders in a template's text, buttons and links. */
export function placeholdersOf(content: Content): ReadonlySet<string> {
  const names = new Set<string>();
  for (const match of JSON.stringify([...content.types.values()]).matchAll(placeholder))
    names.add(match[1] ?? "");
  return names;
}

const placeholder = /\{\{\s{0,8}([^{}\s]{1,64})\s{0,8}\}\}/g;

function fillPlaceholders(
  text: string,
  variables: ReadonlyMap<string, string>,
  defaults: ReadonlyMap<string, string>,
): string {
  return text.replace(
    placeholder,
    (whole, name: string) => variables.get(name) ?? defaults.get(name) ?? whole,
  );
}

/** Which template types a recipient can show. */
interface Display {
  readonly showsRichContent: boolean;
  /** By the part of the type before the slash. */
  readonly contentTypes: readonly string[];
}

const inConversation: Display = { showsRichContent: false, contentTypes: ["twilio"] };
const onSdk: Display = { showsRichContent: true, contentTypes: ["twilio"] };

function chooseType(content: Content, { showsRichContent, contentTypes }: Display): string {
  if (!showsRichContent && content.types.has("twilio/text")) return "twilio/text";
  const types = supportedTypes.filter((type) => content.types.has(type));
  const fitting = types.filter((type) => contentTypes.includes(type.split("/")[0] ?? ""));
  return fitting.find((type) => type !== "twilio/text") ?? fitting[0] ?? types[0] ?? "twilio/text";
}

function choicesOf(type: string, fields: ReadonlyMap<string, unknown>): Choice[] {
  if (type === "twilio/list-picker") return readChoices(fields.get("items"), "item");
  if (type === "twilio/quick-reply") return readChoices(fields.get("actions"), "button");
  const actions = list(fields.get("actions")).filter(
    (action) => objectEntries(action)?.get("type") === "QUICK_REPLY",
  );
  return readChoices(actions, "button");
}

/** Actions of the types URL and PHONE_NUMBER ("Send Rich Content Messages with Conversations"). */
function linksOf(fields: ReadonlyMap<string, unknown>): ContentLink[] {
  return list(fields.get("actions")).flatMap((item) => {
    const action = objectEntries(item);
    const [type, title, url, phone] = ["type", "title", "url", "phone"].map((key) => action?.get(key));
    if (!isText(title)) return [];
    if (type === "URL" && isText(url)) return [{ title, url }];
    return type === "PHONE_NUMBER" && isText(phone) ? [{ title, url: `tel:${phone}` }] : [];
  });
}

function locationOf(fields: ReadonlyMap<string, unknown>): ContentLocation | null {
  const [latitude, longitude] = [fields.get("latitude"), fields.get("longitude")];
  return typeof latitude === "number" && typeof longitude === "number" ? { latitude, longitude } : null;
}

function pinLines(location: ContentLocation | null): string[] {
  return location === null ? [] : [`${location.latitude}, ${location.longitude}`];
}

function readChoices(items: unknown, kind: Choice["kind"]): Choice[] {
  return list(items).flatMap((item) => {
    const fields = objectEntries(item);
    const [title, id] = [fields?.get(kind === "item" ? "item" : "title"), fields?.get("id")];
    return isText(title) ? [{ kind, title, id: isText(id) ? id : null }] : [];
  });
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
