import { createHash } from "node:crypto";
import * as v from "valibot";
import { InvalidInput } from "../../../core/errors.ts";
import { sid } from "../../../core/input.ts";
import { omitUndefined } from "../../../core/omit-undefined.ts";
import { record } from "../../../core/state/record.ts";
import { type AnswerWords, defaultTexts, type Texts } from "./answers.ts";

/** The content of a message: an approved content template, or free text for an open 24-hour window. */
const content = v.union([
  v.object({ contentSid: sid("HX"), contentVariables: v.exactOptional(v.string()) }),
  v.object({ body: v.string() }),
]);
export type Content = v.InferOutput<typeof content>;

const planEntries = {
  invitee: v.string(),
  inviter: v.string(),
  language: v.string(),
  connect: content,
  texts: v.object({
    wait: v.exactOptional(v.string()),
    declined: v.exactOptional(v.string()),
    unclear: v.exactOptional(v.string()),
  }),
  words: v.object({ yes: v.array(v.string()), no: v.array(v.string()) }),
  /** Ids of the invitation's buttons. */
  ids: v.exactOptional(v.object({ yes: v.array(v.string()), no: v.array(v.string()) })),
};

/** The parameters of an introduction. They do not change. */
export const planSchema = v.object(planEntries);
export type Plan = v.InferOutput<typeof planSchema>;

const progressEntries = {
  /** The unclear reply after which the invitee was asked again. */
  asked: v.exactOptional(v.object({ messageSid: sid("IM"), index: v.number() })),
  /** Consent given or denied: by whom, when (ISO 8601) and in which message. */
  answer: v.exactOptional(
    v.object({
      consent: v.boolean(),
      by: v.string(),
      at: v.string(),
      messageSid: sid("IM"),
      stop: v.exactOptional(v.boolean()),
    }),
  ),
  /** A second unclear reply: the conversation waits for a person. */
  leftToPerson: v.exactOptional(v.object({ messageSid: sid("IM"), at: v.string() })),
};

/** The conversation's record of an introduction. */
export const introduction = record(
  "introduction",
  v.object({
    /** The request id of the call that created it, which recognizes its own when the answer to its create was lost. */
    madeBy: v.string(),
    ...planEntries,
    ...progressEntries,
  }),
);
export type OptIn = v.InferOutput<(typeof introduction)["schema"]>;

/** The key of the answer's copy in the conversation's attributes, for apps. It is never read. */
export const OPT_IN_KEY = "whatsappOptIn";

const LARGEST_RECORD_BYTES = 15 * 1024;

/** @throws {InvalidInput} if the plan is too large for a conversation's attributes (docs: Conversations limits). */
export function checkSize(plan: Plan): void {
  // It is text within the attributes' JSON, so its quotes are escaped.
  if (Buffer.byteLength(JSON.stringify(JSON.stringify(plan))) <= LARGEST_RECORD_BYTES) return;
  throw new InvalidInput(
    "connectVariables, connectBody, texts and words together are too large to be stored with the conversation (15 KB).",
  );
}

/** The plan without other properties of the record. */
export const planOf = ({ invitee, inviter, language, connect, texts, words, ids }: Plan): Plan => ({
  invitee,
  inviter,
  language,
  connect,
  texts,
  words,
  ...omitUndefined({ ids }),
});

/** Identifies a plan that is too long for a URL. */
export const digestOf = (plan: Plan): string =>
  createHash("sha256")
    .update(JSON.stringify(planOf(plan)))
    .digest("base64url");

/** The texts of an introduction: its own, or else those of its language. */
export function textsOf({ language, texts }: Plan): Texts {
  const defaults = defaultTexts(language);
  return {
    wait: texts.wait ?? defaults.wait,
    declined: texts.declined ?? defaults.declined,
    unclear: texts.unclear ?? defaults.unclear,
  };
}

/** The words of the deployment and of this introduction. */
export function wordsOf(plan: Plan, configured: ReadonlyMap<string, AnswerWords>): AnswerWords {
  const words = configured.get(plan.language);
  return { yes: [...plan.words.yes, ...(words?.yes ?? [])], no: [...plan.words.no, ...(words?.no ?? [])] };
}
