import * as v from "valibot";
import { InvalidInput } from "../../../core/errors.ts";
import { parseAttributes } from "../../../core/twilio/attributes.ts";
import { type AnswerWords, defaultTexts, type Texts } from "./answers.ts";
import { OPT_IN_KEY } from "./markers.ts";

/** What to send: an approved content template, or plain text for use inside an open 24-hour window. */
const content = v.union([
  v.object({ contentSid: v.string(), contentVariables: v.exactOptional(v.string()) }),
  v.object({ body: v.string() }),
]);
export type Content = v.InferOutput<typeof content>;

const record = v.object({
  /** Which call made the conversation, so that it knows its own when the answer to its create was lost. */
  madeBy: v.string(),
  invitee: v.string(),
  inviter: v.string(),
  language: v.string(),
  connect: content,
  texts: v.object({
    wait: v.optional(v.string()),
    declined: v.optional(v.string()),
    unclear: v.optional(v.string()),
  }),
  words: v.object({ yes: v.array(v.string()), no: v.array(v.string()) }),
  /** The unclear reply after which the invitee was asked once more. */
  asked: v.optional(v.object({ messageSid: v.string(), index: v.number() })),
  /** Consent given or refused: by whom, when (ISO 8601) and in which message. */
  answer: v.optional(
    v.object({
      consent: v.boolean(),
      by: v.string(),
      at: v.string(),
      messageSid: v.string(),
      stop: v.optional(v.boolean()),
    }),
  ),
  /** A second unclear reply: the conversation waits for a person. */
  leftToPerson: v.optional(v.object({ messageSid: v.string(), at: v.string() })),
  /** How often answering was interrupted and begun again. */
  interruptions: v.optional(v.number(), 0),
});

/** The state of an introduction. It lives in the conversation's attributes, under {@link OPT_IN_KEY}. */
export type OptIn = v.InferOutput<typeof record>;

const LARGEST_ATTRIBUTES_BYTES = 16 * 1024;
/** Room for what the responder adds to the record later on. */
const ROOM_FOR_ANSWER_BYTES = 1_024;

/** Reads the state of an introduction from a conversation's attributes, or `undefined` when there is none. */
export function readOptIn(attributes: string): OptIn | undefined {
  const read = v.safeParse(record, parseAttributes(attributes)[OPT_IN_KEY]);
  return read.success ? read.output : undefined;
}

/** The conversation's attributes with the introduction's new state; what others keep there stays as it is. */
export function writeOptIn(attributes: string, optIn: OptIn): string {
  return JSON.stringify({ ...parseAttributes(attributes), [OPT_IN_KEY]: optIn });
}

/** @throws {InvalidInput} when the state is too large for a conversation's attributes (docs: Conversations limits). */
export function firstAttributes(optIn: OptIn): string {
  const attributes = writeOptIn("{}", optIn);
  if (Buffer.byteLength(attributes) > LARGEST_ATTRIBUTES_BYTES - ROOM_FOR_ANSWER_BYTES) {
    throw new InvalidInput(
      "connectVariables, connectBody, texts and words together are too large to be kept with the conversation (15 KB).",
    );
  }
  return attributes;
}

/** The texts of an introduction: its own where it has them, the language's otherwise. */
export function textsOf(optIn: OptIn): Texts {
  const defaults = defaultTexts(optIn.language);
  return {
    wait: optIn.texts.wait ?? defaults.wait,
    declined: optIn.texts.declined ?? defaults.declined,
    unclear: optIn.texts.unclear ?? defaults.unclear,
  };
}

/** Words of the deployment and of this introduction together. */
export function wordsOf(optIn: OptIn, configured: ReadonlyMap<string, AnswerWords>): AnswerWords {
  const words = configured.get(optIn.language);
  return { yes: [...optIn.words.yes, ...(words?.yes ?? [])], no: [...optIn.words.no, ...(words?.no ?? [])] };
}
