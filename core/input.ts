import * as v from "valibot";
import type { Sid } from "./sid.ts";

/** A text field, trimmed. Line breaks are kept. Unpaired surrogates are rejected, since they cannot be encoded in a URL. */
export const text = (most: number) =>
  v.pipe(
    v.string("must be text"),
    v.check((value) => /^\P{Cs}*$/u.test(value), "contains an unpaired surrogate"),
    v.trim(),
    v.minLength(1, "must not be empty"),
    v.maxLength(most, `is longer than ${most} characters`),
    v.description(`text, up to ${most} characters`),
  );

/** A parameter of an event, which Twilio may repeat: several values are joined with commas, as other events have them. */
export const eventText = () =>
  v.union(
    [
      v.string(),
      v.pipe(
        v.array(v.string()),
        v.transform((values) => values.join(",")),
      ),
    ],
    "must be text",
  );

/** Longest text of WhatsApp and SMS messages (docs: Conversations limits). */
export const MESSAGE_LENGTH = 1_600;

/** Longest text of a chat message (docs: Conversations limits). */
export const LONGEST_BODY = 32_768;

/** A whole number, or its text, as forms and Studio send it. */
export const wholeNumber = () =>
  v.pipe(
    v.union(
      [
        v.pipe(v.number(), v.integer("must be a whole number")),
        v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number)),
      ],
      "must be a whole number",
    ),
    v.description("a whole number"),
  );

/** A SID with the given prefix, such as `HX`. */
export const sid = <Prefix extends string>(prefix: Prefix) =>
  v.pipe(
    v.string("must be text"),
    v.regex(new RegExp(`^${prefix}[0-9a-fA-F]{32}$`), `must be a SID: ${prefix} and 32 hexadecimal digits`),
    v.description(`${prefix} and 32 hexadecimal digits`),
  ) as v.GenericSchema<string, Sid<Prefix>>;

/**
 * A WhatsApp address in Twilio's form, `whatsapp:+E.164`. The prefix may be omitted, and the number may contain spaces,
 * hyphens and brackets.
 */
export const whatsappAddress = () =>
  v.pipe(
    v.string("must be text"),
    v.description('a WhatsApp number with its country code, such as "whatsapp:+15558675310"'),
    v.transform(
      (value) =>
        `whatsapp:${value
          .trim()
          .replace(/^whatsapp:/i, "")
          .replace(/[\s().-]/g, "")}`,
    ),
    v.regex(
      /^whatsapp:\+[1-9]\d{6,14}$/,
      'must be a WhatsApp number with its country code, such as "whatsapp:+15558675310"',
    ),
  );

/**
 * A conversation's unique name. It can replace the SID in URLs, so it must neither look like one (error 50390) nor contain
 * path characters.
 */
export const uniqueName = () =>
  v.pipe(
    text(256),
    v.regex(/^[^/?#%\\]+$/, "must not contain any of / ? # % \\"),
    v.check((name) => !/^\.{1,2}$/.test(name), "must not consist of dots only"),
    v.check((name) => !/^CH[0-9a-f]{32}$/i.test(name), "must not look like a conversation's SID"),
    v.description("text, up to 256 characters, without any of / ? # % \\, and unlike a conversation's SID"),
  );

/**
 * An object of a JSON body. A record alone would also accept a list, and make an object of it.
 *
 * @param input The schema that it must match later, for the description.
 */
export const jsonObject = (input?: v.GenericSchema) =>
  v.pipe(
    v.unknown(),
    v.metadata(input === undefined ? { type: "object" } : { input }),
    v.check((value) => !Array.isArray(value), "must be a JSON object"),
    v.record(v.string(), v.unknown()),
  );

/** A JSON value as text. */
export const jsonText = (message: string) =>
  v.pipe(v.string(), v.metadata({ contentMediaType: "application/json" }), v.parseJson(undefined, message));

/** Variables of a content template (docs: Send rich content messages): names to texts, as an object or as its JSON. */
export const contentVariables = () => {
  const variables = v.record(
    v.pipe(v.string(), v.maxLength(16, "has a name longer than 16 characters")),
    v.pipe(
      v.union([v.string(), v.pipe(v.number(), v.transform(String))], "must contain only texts"),
      v.maxLength(256, "has a value longer than 256 characters"),
    ),
    'must be a JSON object such as {"1":"Robert"}',
  );
  return v.pipe(
    v.union([jsonText("must be a JSON object"), jsonObject(variables)], "must be a JSON object"),
    v.description('a JSON object such as {"1":"Robert"}'),
    v.check((value) => !Array.isArray(value), 'must be a JSON object such as {"1":"Robert"}'),
    variables,
  );
};

/** A list of words: repeated fields, a JSON list, or one text separated by commas. */
export const wordList = () =>
  v.pipe(
    v.union([v.string(), v.array(v.string())], "must be words, separated by commas"),
    v.description("words, separated by commas, at most 50 words"),
    v.transform((words) =>
      (typeof words === "string" ? words.split(",") : words)
        .map((word) => word.trim())
        .filter((word) => word !== ""),
    ),
    v.maxLength(50, "contains more than 50 words"),
  );

/** Whether the conversation must be one that this deployment has created. */
export const requireOwn = () => v.optional(flag(), false);

/** A conversation by its SID or its unique name. */
export const conversationKey = () =>
  v.pipe(
    v.union(
      [sid("CH"), uniqueName()],
      "must be a conversation's SID (CH and 32 hexadecimal digits) or its unique name",
    ),
    v.description("a conversation's SID (CH and 32 hexadecimal digits) or its unique name"),
  );

/**
 * An address of a person or of the account, on any channel: `+15558675310`, `whatsapp:+15558675310`, `messenger:1234`,
 * `rcs:+15558675310`. Numbers may contain spaces, hyphens and brackets.
 */
export const address = () =>
  v.pipe(
    v.string("must be text"),
    v.description('a number with its country code, such as "+15558675310" or "whatsapp:+15558675310"'),
    v.transform((value) => value.trim().replace(/[\s().-]/g, "")),
    v.regex(
      /^(\+[1-9]\d{6,14}|(whatsapp|rcs):\+[1-9]\d{6,14}|(messenger|rcs):\w+)$/,
      'must be a number with its country code, such as "+15558675310" or "whatsapp:+15558675310"',
    ),
  );

/** A user's identity (docs: User identity and access tokens). */
export const identity = () =>
  v.pipe(
    text(256),
    // It is a segment of URLs, in which `.` and `..` would change the path.
    v.check((name) => !/^\.{1,2}$/.test(name), "must not be dots alone"),
    v.description("text, up to 256 characters, not dots alone"),
  );

/** Attributes: a JSON object, or its text. Returns the object. */
export const attributes = () =>
  v.pipe(
    v.union([jsonText("must be a JSON object"), jsonObject()], "must be a JSON object"),
    v.description("a JSON object, without the key parley, which is reserved for Parley's own records"),
    v.check(
      (value) => typeof value === "object" && value !== null && !Array.isArray(value),
      "must be a JSON object",
    ),
    v.check(isSerializable, "is nested too deeply"),
    v.check(
      (value) => !Object.hasOwn(value as object, "parley"),
      "must not contain the key parley, which is reserved for Parley's own records",
    ),
    v.transform((value): Record<string, unknown> => ({ ...(value as object) })),
  );

function isSerializable(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}

/** A boolean, or its text, as forms send it. */
export const flag = () =>
  v.pipe(
    v.union([v.boolean(), v.picklist(["true", "false"])], "must be true or false"),
    v.description("true or false"),
    v.transform((value) => value === true || value === "true"),
  );
