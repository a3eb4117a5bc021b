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
import { repeatWhileUncertain, settlesAtOf } from "../../core/twilio/once.ts";
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

/** How often a reply that could not be answered is tried again. */
const MOST_ATTEMPTS = 3;
/** The `Source` of messages from the invitee's phone. */
const CHANNEL = "WHATSAPP";

const words = v.object({ yes: v.optional(v.array(v.string()), []), no: v.optional(v.array(v.string()), []) });

/**
 * Answers an invitee's reply to the invitation of `whatsapp/opt-in` (docs: Using WhatsApp with Conversations).
 *
 * Consent must come from the person's phone: a yes counts only if the event is for that message, sent by WhatsApp by the
 * participant with the invitee's messaging binding. The author's name proves nothing, and messages from the API never count.
 * A no or a stop counts in any message of that participant.
 *
 * How it stays correct when the same reply, or several replies, are delivered twice or concurrently: on Twilio Functions,
 * deleting its own scoped webhook decides which invocation acts. Twilio deletes a webhook once: the invocation that gets the
 * 204 acts, and one that gets a 404 does nothing. The one that acts reads all messages of the invitee since the question.
 * After an unclear reply it creates a new webhook, which also replays messages that arrived meanwhile (`ReplayAfter`).
 *
 * When a step fails, the webhook is created again with `ReplayAfter`, so that Twilio delivers the reply again, at most three
 * times; each repeated run checks which messages were already sent. If it is unknown whether one was sent, the webhook's URL
 * says until when, and the repeated run searches for it until then. If the response to the deletion is lost, it acts, and
 * checks that, too; only a run at the same moment could send a message twice. After three attempts, or if the webhook cannot
 * be created again, `left_unanswered` is logged. The invitee's next message continues the introduction, and so does
 * `whatsapp/opt-in` with the same unique name, a minute later.
 *
 * On Lambda replies come through a queue, one after the other, and again after a failure. So the webhook is kept until the
 * reply is answered, and every step first checks what an earlier attempt has done.
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
    /** Its author. */
    Author: v.optional(eventText(), ""),
    /** The author's participant. */
    ParticipantSid: v.optional(eventText(), ""),
    /** Its source: `WHATSAPP` is a phone; `API` is never a person. */
    Source: v.optional(eventText(), ""),
    /** The scoped webhook that delivered the event. */
    WebhookSid: v.optional(sid("WH")),
    /** Written by `whatsapp/opt-in` into the webhook's URL: the introduction's settings. */
    [CARRIED]: v.optional(carried(carriedPlan)),
  }),
  async run(event, { conversations, state, fetchTappedId, env, call, log, publicBaseUrl }) {
    const { ConversationSid: conversationSid } = event;
    const ignored = (reason: string): FlatObject => ({ status: "ignored", reason, conversationSid });
    if (event.EventType !== "onMessageAdded") return ignored("other_event");
    if (event.Source === "API") return ignored("not_from_a_person");
    if (publicBaseUrl === undefined) throw new Misconfigured("Environment: PUBLIC_BASE_URL is missing.");
    const conversation = conversations(conversationSid);
    const context: ReplyContext = {
      event: { ...event, carried: event[CARRIED] },
      url: replyUrl(publicBaseUrl),
      sendContext: { state, call, conversation, conversationSid, settlesAt: event[CARRIED]?.settlesAt },
      fetchTappedId,
      log,
    };
    const progress: Progress = { claimed: undefined, isClaiming: false };
    call.reserve();
    try {
      const found = await conversation.fetch().catch(noneIf404);
      if (found === undefined || found.state === "closed") return ignored("conversation_over");
      const optIn = optInOf(context, found);
      if (optIn === undefined) return ignored("no_introduction");
      if (event.Author !== optIn.invitee) return ignored("not_the_invitee");
      if (optIn.leftToPerson) return ignored("left_to_person");
      const outcome = await respond(context, found, optIn, wordsOf(optIn, env.OPT_IN_WORDS), progress);
      return typeof outcome === "string" ? ignored(outcome) : { ...outcome, conversationSid };
    } catch (error) {
      call.spendReserve();
      if (!call.isQueued) await restoreWebhook(context, progress, error);
      throw explainTwilioError(error);
    }
  },
});

/** How far an invocation has come, for recovery after a failure. */
interface Progress {
  /** The reply, once it is claimed. */
  claimed: ClaimedReply | undefined;
  /** Whether this run may have claimed it, although no response confirmed that. */
  isClaiming: boolean;
}

/** Answers the invitee's reply. @returns the action, or the reason why the event is ignored. */
async function respond(
  context: ReplyContext,
  found: ConversationInstance,
  optIn: OptIn,
  words: AnswerWords,
  progress: Progress,
): Promise<{ readonly status: string; readonly messageSid: Sid<"IM"> } | string> {
  const { event, sendContext } = context;
  const inviteeSid = await participantOf(sendContext.conversation, optIn.invitee);
  const isTheirs = event.ParticipantSid === inviteeSid && event.Source.toUpperCase() === CHANNEL;
  if (inviteeSid === undefined || !isTheirs) return "not_from_the_phone";
  const asked = { optIn, inviteeSid, messageSid: event.MessageSid, words };
  const reply = await readReply(await messagesSinceAsked(context, optIn), context, asked);
  if (reply === undefined) return "nothing_to_answer";
  const isOfAnotherEvent = reply.answer === "yes" && !optIn.answer && reply.messageSid !== event.MessageSid;
  const isFresh = Date.now() - Date.parse(reply.at) < ABANDONED_AFTER_MS;
  if (isOfAnotherEvent && isFresh) return "yes_has_an_event_of_its_own";

  progress.isClaiming = true;
  const claim = sendContext.call.isQueued ? "uncertain" : await claimReply(context);
  if (claim === "lost") return "already_handled";
  const attempt = event.carried?.attempt ?? 0;
  // An answer was recorded, but the webhook exists: that run was interrupted, too.
  const isResumed = claim === "uncertain" || attempt > 0 || optIn.answer !== undefined;
  const claimed: ClaimedReply = { ...context, attributes: found.attributes, optIn, reply, isResumed };
  progress.claimed = claimed;
  if (isOfAnotherEvent && attempt < MOST_ATTEMPTS) {
    await stopListening(context);
    // Not the messages before it: their events would come here again, and the attempts would be used up.
    await listenAgain(context, optIn, reply.index);
    return "yes_is_delivered_again";
  }
  const action = isOfAnotherEvent ? ACTIONS.unclear : ACTIONS[reply.answer];
  return { status: await action(claimed), messageSid: reply.messageSid };
}

/** An event, and the clients for it. */
interface ReplyContext {
  readonly event: {
    readonly ParticipantSid: string;
    readonly Source: string;
    readonly MessageSid?: Sid<"IM"> | undefined;
    readonly Index?: number | undefined;
    readonly WebhookSid?: Sid<"WH"> | undefined;
    readonly carried?: v.InferOutput<typeof carriedPlan> | undefined;
  };
  /** The URL that receives replies. */
  readonly url: string;
  readonly sendContext: SendContext;
  readonly fetchTappedId: FetchTappedId;
  readonly log: Log;
}

/**
 * Reads the introduction: its settings from the webhook's URL, or from the record if the URL contains only a digest; its
 * progress from the record.
 */
function optInOf({ event, sendContext, log }: ReplyContext, found: ConversationInstance): OptIn | undefined {
  const { carried } = event;
  const recorded = sendContext.state.ofConversation(introduction, found);
  if (carried?.plan) return { madeBy: "", ...recorded, ...carried.plan };
  if (recorded && (carried?.digest === undefined || carried.digest === digestOf(recorded))) return recorded;
  if (OPT_IN_KEY in parseAttributes(found.attributes)) {
    log.error("introduction_without_record", {
      conversationSid: found.sid,
      advice: "Its record was removed, or an earlier release created it. A person must answer.",
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

/** A reply that only this invocation acts on. */
interface ClaimedReply extends ReplyContext {
  readonly attributes: string;
  readonly optIn: OptIn;
  readonly reply: Reply;
  /** Whether an interrupted run may have sent some of the messages already. */
  readonly isResumed: boolean;
}

/** The messages since the invitation, or since the question was repeated, newest first. */
const messagesSinceAsked = ({ sendContext }: ReplyContext, { asked }: OptIn): Promise<MessageInstance[]> =>
  messagesUpTo(sendContext.conversation, "desc", (message) =>
    asked === undefined ? isStep(sendContext.state, "invite", message) : message.index <= asked.index,
  );

/**
 * Claims the reply by deleting the oldest of the responder's webhooks. If the event came through another one, that one is a
 * duplicate and is deleted: the oldest delivers the same reply.
 */
async function claimReply({ event, sendContext: { conversation }, url }: ReplyContext): Promise<Claim> {
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

/** Deletes the webhook when a reply from the queue is answered. On Functions the claim has deleted it. */
async function stopListening({ sendContext: { call, conversation }, url }: ReplyContext): Promise<void> {
  if (call.isQueued) await removeWebhooks(conversation, url);
}

const ACTIONS: Record<Answer, (claimed: ClaimedReply) => Promise<string>> = {
  yes: connect,
  no: decline,
  stop: decline,
  unclear: (claimed) => (claimed.optIn.asked === undefined ? askAgain(claimed) : leaveToPerson(claimed)),
};

async function connect(claimed: ClaimedReply): Promise<string> {
  const { optIn } = claimed;
  await record(claimed, { answer: optIn.answer ?? answerOf(claimed, true) });
  await send(claimed, "wait", optIn.inviter, { body: textsOf(optIn).wait });
  await send(claimed, "connect", optIn.invitee, optIn.connect);
  await stopListening(claimed);
  return "connected";
}

async function decline(claimed: ClaimedReply): Promise<string> {
  const { sendContext, optIn, log } = claimed;
  await record(claimed, { answer: optIn.answer ?? answerOf(claimed, false) });
  await send(claimed, "declined", optIn.inviter, { body: textsOf(optIn).declined }).catch(
    (error: unknown) => {
      // Twilio rejects messages to a person who opted out. The conversation must be closed nevertheless.
      if (!isTwilioError(error) || error.status === 429 || error.status >= 500) throw error;
      log.warn("farewell_refused", { error });
    },
  );
  await stopListening(claimed);
  await closeConversation(sendContext.conversation);
  return "declined";
}

async function askAgain(claimed: ClaimedReply): Promise<string> {
  const { optIn, reply } = claimed;
  await send(claimed, "unclear", optIn.inviter, { body: textsOf(optIn).unclear });
  await record(claimed, { asked: { messageSid: reply.messageSid, index: reply.lastIndex } });
  const { sendContext, url } = claimed;
  if (sendContext.call.isQueued && (await findWebhook(sendContext.conversation, url))) return "asked_again";
  await listenForReply(
    sendContext.conversation,
    { url, plan: optIn, replayAfter: reply.lastIndex },
    sendContext.call,
  );
  return "asked_again";
}

async function leaveToPerson(claimed: ClaimedReply): Promise<string> {
  const { reply, log } = claimed;
  await record(claimed, { leftToPerson: { messageSid: reply.messageSid, at: reply.at } });
  await stopListening(claimed);
  log.warn("left_to_person", { messageSid: reply.messageSid });
  return "left_to_person";
}

const answerOf = ({ optIn, reply }: ClaimedReply, consent: boolean): NonNullable<OptIn["answer"]> =>
  omitUndefined({
    consent,
    by: optIn.invitee,
    at: reply.at,
    messageSid: reply.messageSid,
    stop: reply.answer === "stop" ? true : undefined,
  });

/** Records how far the introduction has come, with a copy of the answer for apps. */
async function record(
  { sendContext, attributes, optIn }: ClaimedReply,
  change: Partial<OptIn>,
): Promise<void> {
  const { conversation, conversationSid: sid, state } = sendContext;
  const changed = { ...optIn, ...change };
  const copies = parseAttributes(attributes);
  if (changed.answer) copies[OPT_IN_KEY] = { answer: changed.answer };
  const text = state.forConversation(introduction, { sid }, changed, copies);
  await repeatWhileUncertain(() => conversation.update({ attributes: text }));
}

/** Sends a message, unless an interrupted run before this one has sent it. */
async function send(claimed: ClaimedReply, step: Step, author: string, content: Content): Promise<void> {
  await sendStep(claimed.sendContext, step, author, content, { isNew: !claimed.isResumed });
}

/** Creates the webhook again: it replays the messages after an index; after the last attempt it delivers only new ones. */
function listenAgain(
  { event, url, sendContext }: ReplyContext,
  optIn: OptIn | undefined,
  index: number,
  settlesAt?: number,
): Promise<void> {
  const plan = optIn ?? event.carried?.plan;
  if (plan === undefined) throw new Error("The introduction could not be read.");
  const before = event.carried?.attempt ?? 0;
  const listening =
    before < MOST_ATTEMPTS ? { url, plan, attempt: before + 1, replayAfter: index } : { url, plan };
  return listenForReply(sendContext.conversation, { ...listening, settlesAt }, sendContext.call);
}

/**
 * After a failure: creates the webhook again so that Twilio delivers the reply again, or logs `left_unanswered`.
 */
async function restoreWebhook(
  context: ReplyContext,
  { claimed, isClaiming }: Progress,
  error: unknown,
): Promise<void> {
  const { event, sendContext, url, log } = context;
  const { conversation, conversationSid } = sendContext;
  const about = { conversationSid, messageSid: event.MessageSid, error };
  const index = claimed?.reply.firstIndex ?? event.Index;
  try {
    const isLast = (event.carried?.attempt ?? 0) >= MOST_ATTEMPTS || index === undefined;
    if (isLast) log.error("left_unanswered", about);
    if (claimed === undefined && (isLast || ((await claimReply(context)) === "lost" && !isClaiming))) return;
    // An existing webhook will receive the next reply; a second one would deliver each reply twice.
    if ((await findWebhook(conversation, url)) === undefined)
      await listenAgain(context, claimed?.optIn, index ?? 0, settlesAtOf(error));
    if (!isLast) log.warn("put_back", about);
  } catch (cause) {
    log.error("left_unanswered", { ...about, cause });
  }
}
