import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type {
  ConversationContext,
  ConversationInstance,
} from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { signedByTwilio } from "../../core/access/signed-by-twilio.ts";
import { Misconfigured } from "../../core/errors.ts";
import { defineHandler, type FlatObject } from "../../core/handler.ts";
import { eventText, sid, wholeNumber } from "../../core/input.ts";
import type { Log } from "../../core/log.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { type Sid, sidOf } from "../../core/sid.ts";
import { CARRIED, carried } from "../../core/state/carried.ts";
import type { SendContext } from "../../core/state/send-once.ts";
import { state } from "../../core/state/state.ts";
import { parseAttributes } from "../../core/twilio/attributes.ts";
import { closeConversation, conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError, isTwilioError, noneIf404 } from "../../core/twilio/errors.ts";
import { ABANDONED_AFTER_MS } from "../../core/twilio/make-conversation.ts";
import { messagesUpTo } from "../../core/twilio/messages.ts";
import { repeatWhileUncertain } from "../../core/twilio/once.ts";
import {
  type Claim,
  claimWebhook,
  findWebhook,
  listWebhooks,
  removeWebhooks,
} from "../../core/twilio/own-webhook.ts";
import { type FetchTappedId, tappedIds } from "../../core/twilio/tapped.ts";
import type { Answer, AnswerWords } from "./introduction/answers.ts";
import { isStep, type Step, sendStep } from "./introduction/messages.ts";
import {
  type Content,
  digestOf,
  introduction,
  OPT_IN_KEY,
  type OptIn,
  textsOf,
  wordsOf,
} from "./introduction/record.ts";
import { type Reply, readReply } from "./introduction/reply.ts";
import { carriedPlan, listenForReply, replyUrl } from "./introduction/reply-webhook.ts";

/** How often a reply is tried again that could not be answered. */
const MOST_ATTEMPTS = 3;
/** Where messages of the invitee's phone come from, as an event says it. */
const CHANNEL = "WHATSAPP";

const words = v.object({ yes: v.optional(v.array(v.string()), []), no: v.optional(v.array(v.string()), []) });

/**
 * Answers an invitee's reply to the invitation of `whatsapp/opt-in` (docs: Using WhatsApp with Conversations).
 *
 * Consent comes from the person's phone: a yes counts only in an event of its own, from the participant who has the
 * invitee's messaging binding, by WhatsApp. An author's name proves nothing, and a message of the API's is nobody's word. A
 * no or a stop is believed of any message of that participant's.
 *
 * How it stays correct when the same reply, or several replies, come twice or at the same instant: on Twilio Functions its own
 * scoped webhook is the token that lets exactly one invocation act. Twilio deletes a webhook once; whoever gets the 204 acts, and
 * whoever gets the 404 does nothing. The one that acts takes all that the invitee has said since they were asked. An
 * unclear reply puts a new webhook in the place of the old one, which also replays what arrived in between
 * (`ReplayAfter`).
 *
 * When a step fails, the webhook is put back with `ReplayAfter`, so that Twilio delivers the reply again, three times at
 * most; the second run looks up what the first one sent. Where the answer to the deletion itself is lost, it acts and
 * looks up first; only a twin in that very moment could double a message. After that, and when it could not be put back, the
 * log says `left_unanswered`. The invitee's next message takes it up, and so does `whatsapp/opt-in` with the same unique
 * name, a minute later.
 *
 * On Lambda replies come through a queue, one after the other, and again after a failure. So the webhook stays until the
 * reply is answered, and every step looks up first what an earlier attempt has done.
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
  use: { conversations, state, fetchTappedId: tappedIds },
  input: v.object({
    /** Anything but `onMessageAdded` is ignored. */
    EventType: eventText(),
    /** The introduction's conversation. */
    ConversationSid: sid("CH"),
    /** The message. */
    MessageSid: v.optional(sid("IM")),
    /** Its index. */
    Index: v.optional(wholeNumber()),
    /** Who has written. */
    Author: v.optional(eventText(), ""),
    /** The participant who has. */
    ParticipantSid: v.optional(eventText(), ""),
    /** Where from: `WHATSAPP` is a phone, and `API` is no person. */
    Source: v.optional(eventText(), ""),
    /** The scoped webhook that the event came through. */
    WebhookSid: v.optional(sid("WH")),
    /** Written by `whatsapp/opt-in` into the webhook's URL: the plan of the introduction. */
    [CARRIED]: v.optional(carried(carriedPlan)),
  }),
  async run(event, { conversations, state, fetchTappedId, env, call, log, publicBaseUrl }) {
    const { ConversationSid: conversationSid } = event;
    const ignored = (reason: string): FlatObject => ({ status: "ignored", reason, conversationSid });
    if (event.EventType !== "onMessageAdded") return ignored("other_event");
    if (event.Source === "API") return ignored("not_from_a_person");
    if (publicBaseUrl === undefined) throw new Misconfigured("Environment: PUBLIC_BASE_URL is missing.");
    const conversation = conversations(conversationSid);
    const scene: Scene = {
      event: { ...event, carried: event[CARRIED] },
      url: replyUrl(publicBaseUrl),
      sendContext: { state, call, conversation, conversationSid },
      fetchTappedId,
      log,
    };
    const progress: Progress = { work: undefined, isClaiming: false };
    try {
      const found = await conversation.fetch().catch(noneIf404);
      if (found === undefined || found.state === "closed") return ignored("conversation_over");
      const optIn = optInOf(scene, found);
      if (optIn === undefined) return ignored("no_introduction");
      if (event.Author !== optIn.invitee) return ignored("not_the_invitee");
      if (optIn.leftToPerson) return ignored("left_to_person");
      const outcome = await respond(scene, found, optIn, wordsOf(optIn, env.OPT_IN_WORDS), progress);
      return typeof outcome === "string" ? ignored(outcome) : { ...outcome, conversationSid };
    } catch (error) {
      call.spendReserve();
      if (!call.isQueued) await putBack(scene, progress, error);
      throw explainTwilioError(error);
    }
  },
});

/** How far an invocation has come, for putting back what it has not finished. */
interface Progress {
  /** What is being done, once the reply is claimed. */
  work: Work | undefined;
  /** Whether it may have been claimed, although nobody said so. */
  isClaiming: boolean;
}

/** Answers what the invitee has said. @returns what was done, or why nothing. */
async function respond(
  scene: Scene,
  found: ConversationInstance,
  optIn: OptIn,
  words: AnswerWords,
  progress: Progress,
): Promise<{ readonly status: string; readonly messageSid: Sid<"IM"> } | string> {
  const { event, sendContext } = scene;
  const inviteeSid = await participantOf(sendContext.conversation, optIn.invitee);
  const isTheirs = event.ParticipantSid === inviteeSid && event.Source.toUpperCase() === CHANNEL;
  if (inviteeSid === undefined || !isTheirs) return "not_from_the_phone";
  const asked = { optIn, inviteeSid, messageSid: event.MessageSid, words };
  const reply = await readReply(await messagesSinceAsked(scene, optIn), scene, asked);
  if (reply === undefined) return "nothing_to_answer";
  const isOfAnotherEvent = reply.answer === "yes" && !optIn.answer && reply.messageSid !== event.MessageSid;
  const isFresh = Date.now() - Date.parse(reply.at) < ABANDONED_AFTER_MS;
  if (isOfAnotherEvent && isFresh) return "yes_has_an_event_of_its_own";

  progress.isClaiming = true;
  const claim = sendContext.call.isQueued ? "uncertain" : await claimReply(scene);
  if (claim === "lost") return "already_handled";
  const attempt = event.carried?.attempt ?? 0;
  // An answer on record whose webhook is back was interrupted too.
  const isResumed = claim === "uncertain" || attempt > 0 || optIn.answer !== undefined;
  const work: Work = { ...scene, attributes: found.attributes, optIn, reply, isResumed };
  progress.work = work;
  if (isOfAnotherEvent && attempt < MOST_ATTEMPTS) {
    await stopListening(scene);
    await listenAgain(scene, optIn, reply.firstIndex);
    return "yes_is_delivered_again";
  }
  const action = isOfAnotherEvent ? ACTIONS.unclear : ACTIONS[reply.answer];
  return { status: await action(work), messageSid: reply.messageSid };
}

/** An event, and where it belongs. */
interface Scene {
  readonly event: {
    readonly ParticipantSid: string;
    readonly Source: string;
    readonly MessageSid?: Sid<"IM"> | undefined;
    readonly Index?: number | undefined;
    readonly WebhookSid?: Sid<"WH"> | undefined;
    readonly carried?: v.InferOutput<typeof carriedPlan> | undefined;
  };
  /** Where replies are delivered. */
  readonly url: string;
  readonly sendContext: SendContext;
  readonly fetchTappedId: FetchTappedId;
  readonly log: Log;
}

/**
 * The introduction: its plan is what the webhook's URL says, or what the URL has a digest of; how far it has come stands
 * in the record.
 */
function optInOf({ event, sendContext, log }: Scene, found: ConversationInstance): OptIn | undefined {
  const { carried } = event;
  const recorded = sendContext.state.ofConversation(introduction, found);
  if (carried?.plan) return { madeBy: "", ...recorded, ...carried.plan };
  if (recorded && (carried?.digest === undefined || carried.digest === digestOf(recorded))) return recorded;
  if (OPT_IN_KEY in parseAttributes(found.attributes)) {
    log.error("introduction_without_record", {
      conversationSid: found.sid,
      advice: "Its record was taken away, or an earlier release has made it. It is left to a person.",
    });
  }
  return undefined;
}

/** The participant who has the invitee's messaging binding. */
async function participantOf(
  { participants }: ConversationContext,
  invitee: string,
): Promise<Sid<"MB"> | undefined> {
  const found = (await participants.list()).find(
    ({ messagingBinding }) => messagingBinding?.address === invitee,
  );
  return found && sidOf("MB", found.sid);
}

/** A reply that this invocation alone acts on. */
interface Work extends Scene {
  readonly attributes: string;
  readonly optIn: OptIn;
  readonly reply: Reply;
  /** Whether an interrupted run may have sent some of the messages already. */
  readonly isResumed: boolean;
}

/** The messages since the invitation, or since the invitee was asked once more, newest first. */
const messagesSinceAsked = ({ sendContext }: Scene, { asked }: OptIn): Promise<MessageInstance[]> =>
  messagesUpTo(sendContext.conversation, "desc", (message) =>
    asked === undefined ? isStep(sendContext.state, "invite", message) : message.index <= asked.index,
  );

/**
 * Claims the reply, by the oldest of our webhooks. Twilio names the webhook that it delivers for: where that is another one, it
 * is one too many, and each reply comes through the oldest, too.
 */
async function claimReply({ event, sendContext: { conversation }, url }: Scene): Promise<Claim> {
  const [oldest, ...others] = await listWebhooks(conversation, url);
  if (oldest === undefined) return "lost";
  const own = others.find(({ sid }) => sid === event.WebhookSid);
  if (own !== undefined) {
    await claimWebhook(conversation, sidOf("WH", own.sid));
    return "lost";
  }
  if (event.WebhookSid !== undefined && event.WebhookSid !== oldest.sid) return "lost";
  for (const { sid } of others) await claimWebhook(conversation, sidOf("WH", sid));
  return claimWebhook(conversation, sidOf("WH", oldest.sid));
}

/** Takes the webhook off when a reply from the queue is answered. On Functions that was the claim. */
async function stopListening({ sendContext: { call, conversation }, url }: Scene): Promise<void> {
  if (call.isQueued) await removeWebhooks(conversation, url);
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
  await send(work, "wait", optIn.inviter, { body: textsOf(optIn).wait });
  await send(work, "connect", optIn.invitee, optIn.connect);
  await stopListening(work);
  return "connected";
}

async function decline(work: Work): Promise<string> {
  const { sendContext, optIn, log } = work;
  await record(work, { answer: optIn.answer ?? answerOf(work, false) });
  await send(work, "declined", optIn.inviter, { body: textsOf(optIn).declined }).catch((error: unknown) => {
    // Somebody who opted out may not be written to any more. What they asked for still has to happen.
    if (!isTwilioError(error) || error.status === 429 || error.status >= 500) throw error;
    log.warn("farewell_refused", { error });
  });
  await stopListening(work);
  await closeConversation(sendContext.conversation);
  return "declined";
}

async function askAgain(work: Work): Promise<string> {
  const { optIn, reply } = work;
  await send(work, "unclear", optIn.inviter, { body: textsOf(optIn).unclear });
  await record(work, { asked: { messageSid: reply.messageSid, index: reply.lastIndex } });
  const { sendContext, url } = work;
  if (sendContext.call.isQueued && (await findWebhook(sendContext.conversation, url))) return "asked_again";
  await listenForReply(
    sendContext.conversation,
    { url, plan: optIn, replayAfter: reply.lastIndex },
    { call: sendContext.call, isTakenBack: true },
  );
  return "asked_again";
}

async function leaveToPerson(work: Work): Promise<string> {
  const { reply, log } = work;
  await record(work, { leftToPerson: { messageSid: reply.messageSid, at: reply.at } });
  await stopListening(work);
  log.warn("left_to_person", { messageSid: reply.messageSid });
  return "left_to_person";
}

const answerOf = ({ optIn, reply }: Work, consent: boolean): NonNullable<OptIn["answer"]> =>
  omitUndefined({
    consent,
    by: optIn.invitee,
    at: reply.at,
    messageSid: reply.messageSid,
    stop: reply.answer === "stop" ? true : undefined,
  });

/** Records how far the introduction has come, with a copy of the answer for apps. */
async function record({ sendContext, attributes, optIn }: Work, change: Partial<OptIn>): Promise<void> {
  const { conversation, conversationSid: sid, state } = sendContext;
  const changed = { ...optIn, ...change };
  const copies = parseAttributes(attributes);
  if (changed.answer) copies[OPT_IN_KEY] = { answer: changed.answer };
  const text = state.forConversation(introduction, { sid }, changed, copies);
  await repeatWhileUncertain(() => conversation.update({ attributes: text }));
}

/** Sends a message, unless an interrupted run before this one has sent it. */
async function send(work: Work, step: Step, author: string, content: Content): Promise<void> {
  await sendStep(work.sendContext, step, author, content, {
    isNew: !work.isResumed,
    isTakenBack: true,
  });
}

/** Puts the webhook back, which delivers what came since a message once more; or after the last attempt, what comes next. */
function listenAgain(
  { event, url, sendContext }: Scene,
  optIn: OptIn | undefined,
  index: number,
): Promise<void> {
  const plan = optIn ?? event.carried?.plan;
  if (plan === undefined) throw new Error("The introduction could not be read.");
  const before = event.carried?.attempt ?? 0;
  const listening =
    before < MOST_ATTEMPTS ? { url, plan, attempt: before + 1, replayAfter: index } : { url, plan };
  return listenForReply(sendContext.conversation, listening, { call: sendContext.call });
}

/**
 * After a failure: has Twilio deliver the reply once more, or says in the log that a person must look.
 */
async function putBack(scene: Scene, { work, isClaiming }: Progress, error: unknown): Promise<void> {
  const { event, sendContext, url, log } = scene;
  const { conversation, conversationSid } = sendContext;
  const about = { conversationSid, messageSid: event.MessageSid, error };
  const index = work?.reply.firstIndex ?? event.Index;
  try {
    const isLast = (event.carried?.attempt ?? 0) >= MOST_ATTEMPTS || index === undefined;
    if (isLast) log.error("left_unanswered", about);
    if (work === undefined && (isLast || ((await claimReply(scene)) === "lost" && !isClaiming))) return;
    // One that is still there will hear the next reply; a second one would have everything answered twice.
    if ((await findWebhook(conversation, url)) === undefined)
      await listenAgain(scene, work?.optIn, index ?? 0);
    if (!isLast) log.warn("put_back", about);
  } catch (cause) {
    log.error("left_unanswered", { ...about, cause });
  }
}
