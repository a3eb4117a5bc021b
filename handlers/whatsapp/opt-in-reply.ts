import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { signedByTwilio } from "../../core/access/signed-by-twilio.ts";
import { defineHandler, type FlatObject } from "../../core/handler.ts";
import type { Log } from "../../core/log.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError, isTwilioError, isUncertain } from "../../core/twilio/errors.ts";
import { type Answer, type AnswerWords, readAnswer } from "../../core/whatsapp/answers.ts";
import { findMarked, sendMarked } from "../../core/whatsapp/messages.ts";
import {
  type Content,
  type OptIn,
  type Purpose,
  readOptIn,
  textsOf,
  wordsOf,
  writeOptIn,
} from "../../core/whatsapp/opt-in.ts";

const MOST_INTERRUPTIONS = 3;

const words = v.object({ yes: v.optional(v.array(v.string()), []), no: v.optional(v.array(v.string()), []) });

/**
 * Answers an invitee's reply to the invitation of `whatsapp/opt-in` (docs: Using WhatsApp with Conversations).
 *
 * How it stays correct when the same reply, or two replies, come twice or at the same instant: its own scoped webhook
 * is the token that lets exactly one invocation act. Twilio deletes a webhook once; whoever gets the 204 acts, and
 * whoever gets the 404 does nothing. An unclear reply puts a new webhook in the place of the old one, which also
 * replays what arrived in between (`ReplayAfter`).
 *
 * When a step after that fails, the webhook is put back with `ReplayAfter`, so that Twilio delivers the reply again;
 * the second run looks up by a marker what the first one sent. After three interruptions it is left to a person.
 */
export default defineHandler({
  access: signedByTwilio,
  env: {
    /** More words per language: `{"pl":{"yes":["tak"],"no":["nie"]}}`. */
    OPT_IN_WORDS: v.optional(
      v.pipe(
        v.string(),
        v.parseJson(undefined, "must be JSON"),
        v.record(v.string(), words, 'must be JSON such as {"en":{"yes":["go ahead"],"no":[]}}'),
        v.transform((byLanguage): ReadonlyMap<string, AnswerWords> => new Map(Object.entries(byLanguage))),
      ),
      "{}",
    ),
  },
  use: { conversations },
  input: v.object({
    EventType: v.string(),
    ConversationSid: v.string(),
    MessageSid: v.optional(v.string(), ""),
    Index: v.optional(v.pipe(v.string(), v.transform(Number), v.integer()), "-1"),
    Author: v.optional(v.string(), ""),
    Body: v.optional(v.string()),
    Source: v.optional(v.string()),
    DateCreated: v.optional(v.string()),
    WebhookSid: v.optional(v.string()),
  }),
  async run(event, { conversations, env, log, publicBaseUrl }) {
    const { ConversationSid: conversationSid } = event;
    const ignored = (reason: string): FlatObject => ({ status: "ignored", reason, conversationSid });
    if (event.EventType !== "onMessageAdded") return ignored("other_event");
    if (event.Source === "API") return ignored("not_from_a_person");

    const conversation = conversations(conversationSid);
    const found = await conversation.fetch().catch((error: unknown) => {
      if (isTwilioError(error, { status: 404 })) return undefined;
      throw explainTwilioError(error);
    });
    if (found === undefined || found.state === "closed") return ignored("conversation_over");
    const optIn = readOptIn(found.attributes);
    if (optIn === undefined) return ignored("no_introduction");
    if (event.Author !== optIn.invitee) return ignored("not_the_invitee");
    if (isSettled(optIn, event.MessageSid, event.Index)) return ignored("already_answered");

    const reply: Reply = {
      messageSid: event.MessageSid,
      index: event.Index,
      at: event.DateCreated ?? new Date().toISOString(),
      answer: readAnswer(event.Body, optIn.language, wordsOf(optIn, env.OPT_IN_WORDS)),
    };
    const replyUrl = `${publicBaseUrl}/whatsapp/opt-in-reply`;
    if (!(await claim(conversation, event.WebhookSid, replyUrl))) return ignored("already_handled");

    const work: Work = { conversation, attributes: found.attributes, optIn, reply, replyUrl, log };
    try {
      return { status: await ACTIONS[reply.answer](work), conversationSid, messageSid: reply.messageSid };
    } catch (error) {
      await putBack(work, error);
      throw explainTwilioError(error);
    }
  },
});

/** One reply of the invitee. */
interface Reply {
  readonly messageSid: string;
  readonly index: number;
  readonly at: string;
  readonly answer: Answer;
}

/** A reply that this invocation alone acts on. */
interface Work {
  readonly conversation: ConversationContext;
  readonly attributes: string;
  readonly optIn: OptIn;
  readonly reply: Reply;
  readonly replyUrl: string;
  readonly log: Log;
}

/** Whether this reply comes too late: after the answer, after the hand-over to a person, or again. */
function isSettled(optIn: OptIn, messageSid: string, index: number): boolean {
  if (optIn.answer) return optIn.answer.messageSid !== messageSid;
  return optIn.leftToPerson !== undefined || (optIn.asked !== undefined && index <= optIn.asked.index);
}

/** Deletes this responder's own webhook. @returns whether it was this invocation that did. */
async function claim(
  conversation: ConversationContext,
  webhookSid: string | undefined,
  replyUrl: string,
): Promise<boolean> {
  const sid =
    webhookSid ??
    (await conversation.webhooks.list()).find((hook) => hook.configuration.url === replyUrl)?.sid;
  if (sid === undefined) return false;
  try {
    return await conversation.webhooks(sid).remove();
  } catch (error) {
    if (isTwilioError(error, { status: 404 })) return false;
    // The answer is lost, so the webhook may be gone by this very request. Acting twice is prevented by the markers;
    // not acting at all would lose the person's answer.
    if (isUncertain(error)) return true;
    throw explainTwilioError(error);
  }
}

const ACTIONS: Record<Answer, (work: Work) => Promise<string>> = {
  yes: connect,
  no: decline,
  stop: decline,
  unclear: (work) => (work.optIn.asked === undefined ? askAgain(work) : leaveToPerson(work)),
};

async function connect(work: Work): Promise<string> {
  const { optIn } = work;
  await record(work, { answer: answerOf(work, true) });
  await sendOnce(work, "wait", optIn.inviter, { body: textsOf(optIn).wait });
  await sendOnce(work, "connect", optIn.invitee, optIn.connect);
  return "connected";
}

async function decline(work: Work): Promise<string> {
  const { conversation, optIn, log } = work;
  await record(work, { answer: answerOf(work, false) });
  await sendOnce(work, "declined", optIn.inviter, { body: textsOf(optIn).declined }).catch(
    (error: unknown) => {
      // Somebody who opted out may not be written to any more. What they asked for still has to happen.
      if (!isTwilioError(error) || error.status === 429 || error.status >= 500) throw error;
      log.warn("farewell_refused", { error });
    },
  );
  await conversation.update({ state: "closed" }).catch((error: unknown) => {
    if (!isTwilioError(error, { code: 50377 })) throw error;
  });
  return "declined";
}

async function askAgain(work: Work): Promise<string> {
  const { conversation, optIn, reply, replyUrl } = work;
  await sendOnce(work, "unclear", optIn.inviter, { body: textsOf(optIn).unclear });
  await record(work, { asked: { messageSid: reply.messageSid, index: reply.index } });
  await listen(conversation, replyUrl, reply.index);
  return "asked_again";
}

async function leaveToPerson(work: Work): Promise<string> {
  const { reply, log } = work;
  await record(work, { leftToPerson: { messageSid: reply.messageSid, at: reply.at } });
  log.warn("left_to_person", { messageSid: reply.messageSid });
  return "left_to_person";
}

const answerOf = ({ optIn, reply }: Work, consent: boolean): NonNullable<OptIn["answer"]> => ({
  consent,
  by: optIn.invitee,
  at: reply.at,
  messageSid: reply.messageSid,
  ...(reply.answer === "stop" && { stop: true }),
});

async function record({ conversation, attributes, optIn }: Work, change: Partial<OptIn>): Promise<void> {
  await conversation.update({ attributes: writeOptIn(attributes, { ...optIn, ...change }) });
}

/** Sends a message, unless an interrupted run before this one has sent it. */
async function sendOnce(
  { conversation, optIn }: Work,
  purpose: Purpose,
  author: string,
  content: Content,
): Promise<void> {
  if (optIn.interruptions > 0 && (await findMarked(conversation, purpose))) return;
  await sendMarked(conversation, purpose, author, content);
}

async function listen(conversation: ConversationContext, url: string, replayAfter: number): Promise<void> {
  await conversation.webhooks.create({
    target: "webhook",
    "configuration.url": url,
    "configuration.method": "post",
    "configuration.filters": ["onMessageAdded"],
    "configuration.replayAfter": replayAfter,
  });
}

/** After a failure: has Twilio deliver the reply once more, or says in the log that a person must look. */
async function putBack(work: Work, error: unknown): Promise<void> {
  const { conversation, reply, replyUrl, log } = work;
  const interruptions = work.optIn.interruptions + 1;
  try {
    const { attributes } = await conversation.fetch();
    // Written first: a state that cannot be written would otherwise be tried again for ever.
    await record({ ...work, attributes, optIn: readOptIn(attributes) ?? work.optIn }, { interruptions });
    if (interruptions > MOST_INTERRUPTIONS) {
      log.error("gave_up", { messageSid: reply.messageSid, interruptions, error });
      return;
    }
    await listen(conversation, replyUrl, reply.index);
    log.warn("put_back", { messageSid: reply.messageSid, interruptions, error });
  } catch (cause) {
    log.error("left_unanswered", { messageSid: reply.messageSid, error, cause });
  }
}
