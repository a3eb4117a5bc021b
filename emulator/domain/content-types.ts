import * as v from "valibot";
import { contentRules } from "./rules/content.ts";

/*
 * The schema of each content type: the fields that Twilio's OpenAPI description requires, and the lengths in "Send Rich
 * Content Messages with Conversations" and on Twilio's page of each type. Other fields are not checked.
 */

const text = (longest: number) =>
  v.pipe(
    v.string("must be text"),
    v.check((value) => value.trim() !== "", "must not be empty"),
    v.maxLength(longest, `has more than ${longest} characters`),
  );
const longText = text(1600);
const url = text(2000);
/** WhatsApp's limit for a button (Twilio's pages of the types: 20 to 25). */
const title = text(25);
const id = text(200);

const listOf = <Item extends v.GenericSchema>(item: Item, most: number) =>
  v.pipe(
    v.array(item, "must be a list"),
    v.minLength(1, "has no element"),
    v.maxLength(most, `has more than ${most} elements`),
  );

const media = listOf(url, 10);
const kind = (...kinds: string[]) => v.picklist(kinds, `must be one of ${kinds.join(", ")}`);

/** A button with an action needs its target: a URL, a number, a code. */
const button = (...kinds: string[]) =>
  v.pipe(
    v.looseObject({
      type: kind(...kinds),
      title,
      url: v.optional(url),
      phone: v.optional(text(256)),
      code: v.optional(text(256)),
      id: v.optional(id),
    }),
    v.check(({ type, url }) => type !== "URL" || url !== undefined, "needs url"),
    v.check(({ type, phone }) => type !== "PHONE_NUMBER" || phone !== undefined, "needs phone"),
    v.check(({ type, code }) => type !== "COPY_CODE" || code !== undefined, "needs code"),
  );

const cardButtons = listOf(button("URL", "PHONE_NUMBER", "QUICK_REPLY", "COPY_CODE", "VOICE_CALL"), 10);
const degrees = (most: number) =>
  v.pipe(
    v.number("must be a number"),
    v.minValue(-most, `is below -${most}`),
    v.maxValue(most, `is over ${most}`),
  );

const schemas: Readonly<Record<string, v.GenericSchema>> = {
  "twilio/text": v.looseObject({ body: longText }),
  "twilio/media": v.looseObject({ body: v.optional(longText), media }),
  "twilio/location": v.looseObject({
    latitude: degrees(90),
    longitude: degrees(180),
    label: v.optional(text(1000)),
  }),
  "twilio/list-picker": v.looseObject({
    body: text(1024),
    button: text(20),
    items: listOf(v.looseObject({ id, item: text(24), description: v.optional(text(72)) }), 10),
  }),
  "twilio/call-to-action": v.looseObject({
    body: text(640),
    actions: listOf(button("URL", "PHONE_NUMBER", "COPY_CODE", "VOICE_CALL", "VOICE_CALL_REQUEST"), 10),
  }),
  "twilio/quick-reply": v.looseObject({
    body: text(1024),
    actions: listOf(v.looseObject({ type: v.optional(kind("QUICK_REPLY")), title, id: v.optional(id) }), 10),
  }),
  "twilio/card": v.pipe(
    v.looseObject({
      title: v.optional(text(1024)),
      body: v.optional(longText),
      subtitle: v.optional(text(60)),
      media: v.optional(media),
      actions: v.optional(cardButtons),
    }),
    v.check(({ title, body }) => title !== undefined || body !== undefined, "needs title"),
    v.check((card) => Object.keys(card).length > 1, "needs another field beside its title"),
  ),
  "twilio/catalog": v.looseObject({ body: text(1024) }),
  "twilio/carousel": v.looseObject({
    body: text(1024),
    cards: listOf(
      v.looseObject({
        body: text(160),
        media: url,
        actions: listOf(button("URL", "PHONE_NUMBER", "QUICK_REPLY"), 2),
      }),
      10,
    ),
  }),
  "twilio/flows": v.looseObject({
    body: text(1024),
    button_text: title,
    type: longText,
    pages: v.array(v.unknown()),
  }),
  "twilio/schedule": v.looseObject({ id, title: text(1024), timeSlots: longText }),
  "twilio/pay": v.looseObject({}),
  "whatsapp/card": v.looseObject({
    body: text(1024),
    header_text: v.optional(text(60)),
    footer: v.optional(text(60)),
    media: v.optional(media),
    actions: v.optional(cardButtons),
  }),
  "whatsapp/authentication": v.looseObject({
    actions: listOf(v.looseObject({ type: kind("COPY_CODE"), copy_code_text: title }), 1),
  }),
  "whatsapp/flows": v.looseObject({ body: text(1024), button_text: title, flow_id: longText }),
};

const known: ReadonlyMap<string, v.GenericSchema> = new Map(Object.entries(schemas));

/**
 * Checks the types of a template: at least one, all known, with the required fields. The error names the type and the
 * field.
 */
export function checkTypes(given: ReadonlyMap<string, unknown> | undefined): ReadonlyMap<string, unknown> {
  const types = new Map([...(given ?? [])].filter(([, value]) => value !== null));
  if (types.has("twilio/button")) throw contentRules.typeUnsupported();
  if (![...types.keys()].some((type) => known.has(type))) throw contentRules.typesMissing();
  for (const [type, fields] of types) {
    const schema = known.get(type);
    if (schema === undefined) throw contentRules.typeUnsupported();
    const { issues } = v.safeParse(schema, fields, { abortEarly: true });
    if (issues === undefined) continue;
    const path = ["types", type, v.getDotPath(issues[0])].filter(Boolean).join(".");
    throw contentRules.fieldInvalid(`${path} ${problemOf(issues[0])}`);
  }
  return types;
}

/** Valibot's own message for a missing field, else the one of the schema. */
function problemOf({ input, message, kind }: v.BaseIssue<unknown>): string {
  if (input === undefined) return "is missing";
  return kind === "schema" && message.startsWith("Invalid type") ? "has the wrong type" : message;
}
