import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { signedByTwilio } from "../../core/access/signed-by-twilio.ts";
import { Misconfigured } from "../../core/errors.ts";
import { defineHandler, type FlatObject } from "../../core/handler.ts";
import type { Log } from "../../core/log.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError, isTwilioError } from "../../core/twilio/errors.ts";
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
import {
  type Claim,
  claimReplyWebhook,
  findReplyWebhook,
  listenForReply,
  replyUrl,
} from "../../core/whatsapp/reply-webhook.ts";

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
 * the second run looks up by a marker what the first one sent. After three interruptions it is left to a person. Where
 * the answer to the deletion itself is lost, it acts and looks up first; only a twin in that very moment could double
 * a message.
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
    if (publicBaseUrl === undefined) throw new Misconfigured("Environment: PUBLIC_BASE_URL is missing.");
    const url = replyUrl(publicBaseUrl);
    const claim = await claimReply(conversation, event.WebhookSid, url);
    if (claim === "lost") return ignored("already_handled");

    const isResumed = claim === "uncertain" || optIn.interruptions > 0;
    const work: Work = { conversation, attributes: found.attributes, optIn, reply, url, isResumed, log };
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
  /** Where the reply was delivered. */
  readonly url: string;
  /** Whether an interrupted run may have sent some of the messages already. */
  readonly isResumed: boolean;
  readonly log: Log;
}

/** Whether this reply comes too late: after the answer, after the hand-over to a person, or again. */
function isSettled(optIn: OptIn, messageSid: string, index: number): boolean {
  if (optIn.answer) return optIn.answer.messageSid !== messageSid;
  return optIn.leftToPerson !== undefined || (optIn.asked !== undefined && index <= optIn.asked.index);
}

/** Claims the reply. Twilio names the webhook that it delivers for; should it not, the URL tells which one is ours. */
async function claimReply(
  conversation: ConversationContext,
  webhookSid: string | undefined,
  url: string,
): Promise<Claim> {
  try {
    const sid = webhookSid ?? (await findReplyWebhook(conversation, url))?.sid;
    return sid === undefined ? "lost" : await claimReplyWebhook(conversation, sid);
  } catch (error) {
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
  const { conversation, optIn, reply, url } = work;
  await sendOnce(work, "unclear", optIn.inviter, { body: textsOf(optIn).unclear });
  await record(work, { asked: { messageSid: reply.messageSid, index: reply.index } });
  await listenForReply(conversation, url, reply.index);
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
async function sendOnce(work: Work, purpose: Purpose, author: string, content: Content): Promise<void> {
  if (work.isResumed && (await findMarked(work.conversation, purpose))) return;
  await sendMarked(work.conversation, purpose, author, content);
}

/** After a failure: has Twilio deliver the reply once more, or says in the log that a person must look. */
async function putBack(work: Work, error: unknown): Promise<void> {
  const { conversation, reply, url, log } = work;
  const interruptions = work.optIn.interruptions + 1;
  try {
    const { attributes } = await conversation.fetch();
    // Written first: a state that cannot be written would otherwise be tried again for ever.
    await record({ ...work, attributes, optIn: readOptIn(attributes) ?? work.optIn }, { interruptions });
    if (interruptions > MOST_INTERRUPTIONS) {
      log.error("gave_up", { messageSid: reply.messageSid, interruptions, error });
      return;
    }
    // One that is still there will hear the next reply; a second one would have everything answered twice.
    if ((await findReplyWebhook(conversation, url)) === undefined)
      await listenForReply(conversation, url, reply.index);
    log.warn("put_back", { messageSid: reply.messageSid, interruptions, error });
  } catch (cause) {
    log.error("left_unanswered", { messageSid: reply.messageSid, error, cause });
  }
}
