import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { signedByTwilio } from "../../core/access/signed-by-twilio.ts";
import { Misconfigured } from "../../core/errors.ts";
import { defineHandler, type FlatObject } from "../../core/handler.ts";
import { sid } from "../../core/input.ts";
import type { Log } from "../../core/log.ts";
import { closeConversation, conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError, isTwilioError, noneIf404 } from "../../core/twilio/errors.ts";
import { messagesUpTo } from "../../core/twilio/messages.ts";
import { repeatWhileUncertain } from "../../core/twilio/once.ts";
import { type Claim, claimWebhook, findWebhook } from "../../core/twilio/own-webhook.ts";
import { type Answer, type AnswerWords, readAnswer } from "./introduction/answers.ts";
import { isMarked, type Purpose } from "./introduction/markers.ts";
import { findMarked, sendMarked } from "./introduction/messages.ts";
import { type Content, type OptIn, readOptIn, textsOf, wordsOf, writeOptIn } from "./introduction/record.ts";
import { listenForReply, replyUrl } from "./introduction/reply-webhook.ts";

const MOST_INTERRUPTIONS = 3;
const LONGEST_UNCOUNTED_MS = 120_000;

const words = v.object({ yes: v.optional(v.array(v.string()), []), no: v.optional(v.array(v.string()), []) });

/**
 * Answers an invitee's reply to the invitation of `whatsapp/opt-in` (docs: Using WhatsApp with Conversations).
 *
 * How it stays correct when the same reply, or several replies, come twice or at the same instant: its own scoped webhook
 * is the token that lets exactly one invocation act. Twilio deletes a webhook once; whoever gets the 204 acts, and
 * whoever gets the 404 does nothing. The one that acts takes all that the invitee has said since they were asked, and
 * not only the message that it was called for. An unclear reply puts a new webhook in the place of the old one, which
 * also replays what arrived in between (`ReplayAfter`).
 *
 * When a step after that fails, the webhook is put back with `ReplayAfter`, so that Twilio delivers the reply again;
 * the second run looks up by a marker what the first one sent. After three interruptions it is left to a person. Where
 * the answer to the deletion itself is lost, it acts and looks up first; only a twin in that very moment could double
 * a message. A run that the platform kills in between leaves no webhook; calling `whatsapp/opt-in` again with the same
 * unique name, a minute later, puts it back.
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
    /** Anything but `onMessageAdded` is ignored. */
    EventType: v.string(),
    /** The introduction's conversation. */
    ConversationSid: sid("CH"),
    /** Who has written. */
    Author: v.optional(v.string(), ""),
    /** Where from. `API` is no person. */
    Source: v.optional(v.string()),
    /** The scoped webhook that the event came through. */
    WebhookSid: v.optional(sid("WH")),
  }),
  async run(event, { conversations, env, call, log, publicBaseUrl }) {
    const { ConversationSid: conversationSid } = event;
    const ignored = (reason: string): FlatObject => ({ status: "ignored", reason, conversationSid });
    if (event.EventType !== "onMessageAdded") return ignored("other_event");
    if (event.Source === "API") return ignored("not_from_a_person");
    if (publicBaseUrl === undefined) throw new Misconfigured("Environment: PUBLIC_BASE_URL is missing.");

    const conversation = conversations(conversationSid);
    const found = await explained(conversation.fetch().catch(noneIf404));
    if (found === undefined || found.state === "closed") return ignored("conversation_over");
    const optIn = readOptIn(found.attributes);
    if (optIn === undefined) return ignored("no_introduction");
    if (event.Author !== optIn.invitee) return ignored("not_the_invitee");
    if (optIn.leftToPerson) return ignored("left_to_person");
    const words = wordsOf(optIn, env.OPT_IN_WORDS);
    const reply = readReply(await explained(messagesSinceAsked(conversation, optIn)), optIn, words);
    if (reply === undefined) return ignored("nothing_to_answer");

    const url = replyUrl(publicBaseUrl);
    const claim = await explained(claimReply(conversation, event.WebhookSid, url));
    if (claim === "lost") return ignored("already_handled");
    // An answer on record whose webhook is back was interrupted too, although that could not be counted.
    const isResumed = claim === "uncertain" || optIn.interruptions > 0 || optIn.answer !== undefined;
    const work: Work = { conversation, attributes: found.attributes, optIn, reply, url, isResumed, log };
    try {
      return { status: await ACTIONS[reply.answer](work), conversationSid, messageSid: reply.messageSid };
    } catch (error) {
      call.spendReserve();
      await putBack(work, error);
      throw explainTwilioError(error);
    }
  },
});

/** What the invitee has said since they were asked, taken together. */
interface Reply {
  readonly answer: Answer;
  /** The message that decides. */
  readonly messageSid: string;
  readonly at: string;
  /** Indexes of the first and the last of their messages. */
  readonly firstIndex: number;
  readonly lastIndex: number;
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

const explained = <Result>(request: Promise<Result>): Promise<Result> =>
  request.catch((error: unknown) => {
    throw explainTwilioError(error);
  });

/** The messages since the invitation, or since the invitee was asked once more, newest first. */
function messagesSinceAsked(conversation: ConversationContext, { asked }: OptIn): Promise<MessageInstance[]> {
  return messagesUpTo(conversation, "desc", ({ index, attributes }) =>
    asked === undefined ? isMarked(attributes, "invite") : index <= asked.index,
  );
}

/**
 * Reads what the invitee has said since the invitation, or since they were asked once more. A stop counts whenever it
 * was said, otherwise the last yes or no. `undefined` when they have said nothing since.
 *
 * @param latest See {@link messagesSinceAsked}.
 */
function readReply(latest: readonly MessageInstance[], optIn: OptIn, words: AnswerWords): Reply | undefined {
  const invitation = latest.find(({ attributes }) => isMarked(attributes, "invite"));
  const since = optIn.asked?.index ?? invitation?.index ?? Number.POSITIVE_INFINITY;
  const theirs = latest.filter(
    ({ author, index, attributes }) =>
      author === optIn.invitee && index > since && !isMarked(attributes, "connect"),
  );
  const [last, first] = [theirs[0], theirs.at(-1)];
  if (last === undefined || first === undefined) return undefined;
  const range = { firstIndex: first.index, lastIndex: last.index };
  if (optIn.answer) {
    const { consent, messageSid, at } = optIn.answer;
    return { ...range, answer: consent ? "yes" : "no", messageSid, at };
  }
  const answers = theirs.map((message) => ({
    message,
    answer: readAnswer(message.body, optIn.language, words),
  }));
  const decisive =
    answers.find(({ answer }) => answer === "stop") ??
    answers.find(({ answer }) => answer !== "unclear") ??
    answers[0];
  const message = decisive?.message ?? last;
  return {
    ...range,
    answer: decisive?.answer ?? "unclear",
    messageSid: message.sid,
    at: message.dateCreated.toISOString(),
  };
}

/** Claims the reply. Twilio names the webhook that it delivers for; should it not, the URL tells which one is ours. */
async function claimReply(
  conversation: ConversationContext,
  webhookSid: string | undefined,
  url: string,
): Promise<Claim> {
  const sid = webhookSid ?? (await findWebhook(conversation, url))?.sid;
  return sid === undefined ? "lost" : claimWebhook(conversation, sid);
}

const ACTIONS: Record<Answer, (work: Work) => Promise<string>> = {
  yes: connect,
  no: decline,
  stop: decline,
  unclear: (work) => (work.optIn.asked === undefined ? askAgain(work) : leaveToPerson(work)),
};

async function connect(work: Work): Promise<string> {
  const { optIn } = work;
  await record(work, { answer: optIn.answer ?? answerOf(work, true) });
  await sendOnce(work, "wait", optIn.inviter, { body: textsOf(optIn).wait });
  await sendOnce(work, "connect", optIn.invitee, optIn.connect);
  return "connected";
}

async function decline(work: Work): Promise<string> {
  const { conversation, optIn, log } = work;
  await record(work, { answer: optIn.answer ?? answerOf(work, false) });
  await sendOnce(work, "declined", optIn.inviter, { body: textsOf(optIn).declined }).catch(
    (error: unknown) => {
      // Somebody who opted out may not be written to any more. What they asked for still has to happen.
      if (!isTwilioError(error) || error.status === 429 || error.status >= 500) throw error;
      log.warn("farewell_refused", { error });
    },
  );
  await closeConversation(conversation);
  return "declined";
}

async function askAgain(work: Work): Promise<string> {
  const { conversation, optIn, reply, url } = work;
  await sendOnce(work, "unclear", optIn.inviter, { body: textsOf(optIn).unclear });
  await record(work, { asked: { messageSid: reply.messageSid, index: reply.lastIndex } });
  await listenForReply(conversation, url, reply.lastIndex);
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
  const changed = writeOptIn(attributes, { ...optIn, ...change });
  await repeatWhileUncertain(() => conversation.update({ attributes: changed }));
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
  const { messageSid } = reply;
  try {
    await countInterruption(work, interruptions);
    if (interruptions > MOST_INTERRUPTIONS) {
      log.error("gave_up", { messageSid, interruptions, error });
      return;
    }
    // One that is still there will hear the next reply; a second one would have everything answered twice.
    if ((await findWebhook(conversation, url)) === undefined) {
      await listenForReply(conversation, url, reply.firstIndex);
    }
    log.warn("put_back", { messageSid, interruptions, error });
  } catch (cause) {
    log.error("left_unanswered", { messageSid, error, cause });
  }
}

/**
 * Counts in the conversation's attributes how often this was interrupted. What cannot be counted is tried again all the
 * same while the reply is fresh, and not for ever.
 */
async function countInterruption(work: Work, interruptions: number): Promise<void> {
  try {
    const { attributes } = await work.conversation.fetch();
    await record({ ...work, attributes, optIn: readOptIn(attributes) ?? work.optIn }, { interruptions });
  } catch (error) {
    if (Date.now() - Date.parse(work.reply.at) > LONGEST_UNCOUNTED_MS) throw error;
    work.log.warn("interruption_not_counted", { error });
  }
}
