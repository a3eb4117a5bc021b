import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { WebhookInstance } from "twilio/lib/rest/conversations/v1/conversation/webhook.js";
import type {
  ConversationContext,
  ConversationListInstance as Conversations,
} from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { signedByTwilio } from "../../core/access/signed-by-twilio.ts";
import { addAgent } from "../../core/agents/add.ts";
import { type Choice, candidatesFor } from "../../core/agents/choose.ts";
import { type AgentFacts, agentFacts } from "../../core/agents/facts.ts";
import { isWorthRepeating, Misconfigured } from "../../core/errors.ts";
import { groupAuthor } from "../../core/group-mms/author.ts";
import { defineHandler, type FlatObject } from "../../core/handler.ts";
import { eventText, sid, wholeNumber } from "../../core/input.ts";
import type { Log } from "../../core/log.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { type Sid, sidOf } from "../../core/sid.ts";
import { CARRIED, carried, carry, withoutQuery } from "../../core/state/carried.ts";
import { isSentFor, type SendContext, sendOnce } from "../../core/state/send-once.ts";
import { state } from "../../core/state/state.ts";
import { inTurn } from "../../core/state/turn.ts";
import { areAttributes } from "../../core/twilio/attributes.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError, isTwilioError, noneIf404 } from "../../core/twilio/errors.ts";
import { allOrFirstFailure } from "../../core/twilio/make-conversation.ts";
import { createUnique, settlesAtOf } from "../../core/twilio/once.ts";
import { addWebhook, claimWebhook, findWebhook } from "../../core/twilio/own-webhook.ts";
import { tappedIds } from "../../core/twilio/tapped.ts";
import { type Added, type Answer, type Decision, decide, hasIds } from "./responder/decide.ts";
import { lookForAnswer, RESPONDER } from "./responder/given.ts";
import { type ResponderSettings, responderSettings } from "./responder/settings.ts";

/** The API returns whole seconds, the event contains milliseconds. */
const SECOND_MS = 1_000;
/** How often the webhook is created again for one message. */
const MOST_ATTEMPTS = 3;
/** Twilio's errors for a closed or deleted conversation, and for an existing participant. */
const CLOSED = 50377;
const ALREADY_THERE = 50433;
/** Twilio's error for an author who is not a participant of the group text. */
const NOT_IN_GROUP = 50513;

/**
 * The responder of one conversation, as a scoped webhook for `onMessageAdded` (docs: Conversation scoped webhook
 * resource; Conversations webhooks): answers keywords, hands over to agents, sends a text outside opening hours. It is
 * configured by `CONVERSATION_RESPONDER`.
 *
 * No loops: it does not answer messages from the API, from itself, from other bots or from its own agents; it sends
 * without `X-Twilio-Webhook-Enabled`, so that its messages call no webhook; and it has an hourly limit.
 *
 * How it stays correct when an event is delivered twice, late, out of order or concurrently:
 *
 * - The decision depends only on the message: opening hours and the hourly limit are checked for the time it was sent.
 * - Each answer has a key: one per message for a keyword, one per closed period, or one per conversation. While it holds
 *   the conversation's lock, it searches for a message with that key, and sends one if there is none.
 * - A hand-over adds the agents first, which is safe to repeat. Then it deletes its webhook: Twilio does that once, and
 *   the run that gets the 204 notifies both sides. If that response is lost, it searches for its messages before it sends.
 * - On Lambda events come through a queue, one after the other, so no lock is needed. A hand-over searches for its
 *   messages before it sends, and deletes its webhook at the end.
 * - An event that arrives after the webhook was deleted, by a hand-over or another program, is ignored.
 *
 * When Twilio fails, the queue delivers the event again. On Functions the webhook is replaced by one with `ReplayAfter`, so
 * that Twilio delivers the message again, at most three times. After that, or if the webhook cannot be created again,
 * `left_unanswered` is logged; the next message is handled as usual if the webhook exists. If a Function is terminated
 * halfway, the message stays unanswered, or, if the webhook was already deleted, the texts of the hand-over are not sent.
 */
export default defineHandler({
  access: signedByTwilio,
  env: {
    CONVERSATION_RESPONDER: v.pipe(
      v.string(),
      v.parseJson(undefined, "must be a JSON object of settings"),
      responderSettings,
    ),
  },
  use: { conversations, agentFacts, state, fetchTappedId: tappedIds },
  input: v.object({
    /** Anything but `onMessageAdded` is ignored. */
    EventType: eventText(),
    /** The conversation. */
    ConversationSid: sid("CH"),
    /** The message. */
    MessageSid: v.optional(sid("IM")),
    /** Its author. */
    Author: v.optional(eventText(), ""),
    /** Its source: `API`, `SDK`, `SMS`, `WHATSAPP`. */
    Source: v.optional(eventText(), ""),
    /** Its text. */
    Body: v.optional(eventText(), ""),
    /** Its attributes. */
    Attributes: v.optional(v.pipe(v.string(), v.check(areAttributes, "must be JSON")), "{}"),
    /** When it was sent. */
    DateCreated: v.optional(
      v.pipe(
        v.string(),
        v.check((date) => !Number.isNaN(Date.parse(date)), "must be a date"),
      ),
    ),
    /** Its index. */
    Index: v.optional(wholeNumber()),
    /** The scoped webhook that delivered the event. */
    WebhookSid: v.optional(sid("WH")),
    /** Written into the webhook's URL when it is created again after a failure. */
    [CARRIED]: v.optional(carried(v.object({ attempt: v.number(), settlesAt: v.exactOptional(v.number()) }))),
  }),
  async run(event, { conversations, agentFacts, state, fetchTappedId, env, call, log, publicBaseUrl }) {
    const { ConversationSid: conversationSid } = event;
    const settings = env.CONVERSATION_RESPONDER;
    const ignored = (reason: string): FlatObject => ({ status: "ignored", reason, conversationSid });
    if (event.EventType !== "onMessageAdded" || event.MessageSid === undefined) return ignored("other_event");
    const message: Added = {
      tappedId: undefined,
      messageSid: event.MessageSid,
      author: event.Author,
      source: event.Source,
      body: event.Body,
      attributes: event.Attributes,
      isOwn: isSentFor(state, RESPONDER, {
        conversationSid,
        author: event.Author,
        attributes: event.Attributes,
      }),
      sentAt: event.DateCreated === undefined ? new Date() : new Date(event.DateCreated),
    };
    const decision = await decideWithId(message, settings, () =>
      fetchTappedId(conversationSid, message.messageSid),
    ).catch((error: unknown) => {
      throw explainTwilioError(error);
    });
    if (decision.does === "nothing") return ignored(decision.reason);

    const conversation = conversations(conversationSid);
    const { attempt = 0, settlesAt } = event[CARRIED] ?? {};
    const sendContext: SendContext = { state, call, conversation, conversationSid, settlesAt };
    call.reserve();
    const context: ResponderContext = {
      conversations,
      agentFacts,
      sendContext,
      message,
      settings,
      log,
      attempt,
      index: event.Index,
    };
    const progress: Progress = { webhook: undefined, isClaimed: false };
    try {
      const webhook = await attachedWebhook(conversation, event.WebhookSid, publicBaseUrl);
      if (webhook === undefined) return ignored("detached");
      progress.webhook = webhook;
      const outcome =
        decision.does === "answer"
          ? await answer(context, decision)
          : await handOver(context, progress, sidOf("WH", webhook.sid));
      return outcome.status === "ignored" ? ignored(outcome.reason) : { ...outcome, conversationSid };
    } catch (error) {
      if (isTwilioError(error, { code: CLOSED })) return ignored("conversation_over");
      const explained = explainTwilioError(error);
      if (!call.isQueued && isWorthRepeating(explained)) await restoreWebhook(context, progress, explained);
      throw explained;
    }
  },
});

/** Decides by the text, or by the id of a tapped button if no keyword matches: buttons' titles differ by language. */
async function decideWithId(
  message: Added,
  settings: ResponderSettings,
  fetchTappedId: () => Promise<string | undefined>,
): Promise<Decision> {
  const decision = decide(message, settings);
  const isOpen =
    decision.does === "answer"
      ? decision.kind !== "keyword"
      : decision.does === "nothing" && decision.reason === "no_answer";
  if (!isOpen || message.source === "SDK" || !hasIds(settings)) return decision;
  return decide({ ...message, tappedId: await fetchTappedId() }, settings);
}

/** A message to act on, with the clients and settings for it. */
interface ResponderContext {
  readonly conversations: Conversations;
  readonly agentFacts: AgentFacts;
  readonly sendContext: SendContext;
  readonly message: Added;
  readonly settings: ResponderSettings;
  readonly log: Log;
  /** How often the webhook was created again for it. */
  readonly attempt: number;
  /** The message's index. */
  readonly index: number | undefined;
}

/** How far a run has come. */
interface Progress {
  /** The webhook that delivered the event. */
  webhook: WebhookInstance | undefined;
  /** Whether this run has deleted it. */
  isClaimed: boolean;
}

type Outcome =
  | { readonly status: "ignored"; readonly reason: string }
  | { readonly status: "answered"; readonly answer: Answer["kind"]; readonly messageSid: Sid<"IM"> }
  | { readonly status: "handed_over" };

const ignored = (reason: string): Outcome => ({ status: "ignored", reason });

/** Fetches the webhook that delivered the event, if it still exists; by its URL if the event does not name it. */
async function attachedWebhook(
  conversation: ConversationContext,
  webhookSid: Sid<"WH"> | undefined,
  publicBaseUrl: string | undefined,
): Promise<WebhookInstance | undefined> {
  if (webhookSid !== undefined) return conversation.webhooks(webhookSid).fetch().catch(noneIf404);
  if (publicBaseUrl === undefined) throw new Misconfigured("Environment: PUBLIC_BASE_URL is missing.");
  return findWebhook(conversation, `${publicBaseUrl}/webhooks/conversation`);
}

function answer(context: ResponderContext, answer: Answer): Promise<Outcome> {
  const { conversations, sendContext, message, settings, log } = context;
  const { conversationSid, state, call } = sendContext;
  const { kind, key, text } = answer;
  const answerOnce = async (): Promise<Outcome> => {
    const given = await lookForAnswer(sendContext, answer, message.sentAt, settings.openingHours);
    if (given.isGiven) return ignored("already_answered");
    if (given.inLastHour >= settings.mostAnswersPerHour) {
      log.warn("too_many_answers", { conversationSid, answers: given.inLastHour });
      return ignored("too_many_answers");
    }
    const isNew = sendContext.settlesAt === undefined;
    const { sid } = await sendMessage(context, key, text, { isNew });
    return { status: "answered", answer: kind, messageSid: sidOf("IM", sid) };
  };
  // Only this handler sends with these keys, and a queue delivers events one after the other.
  return call.isQueued
    ? answerOnce()
    : inTurn({ conversations, state, call, log }, conversationSid, answerOnce);
}

async function handOver(
  context: ResponderContext,
  progress: Progress,
  webhookSid: Sid<"WH">,
): Promise<Outcome> {
  const { sendContext, message, settings, attempt } = context;
  const { conversation, call } = sendContext;
  const { identities = [], agent } = settings.handOver ?? {};
  if (agent !== undefined && !(await addByRule(context, agent))) return ignored("nobody_free");
  await addPeople(context, identities);
  const claim = call.isQueued ? "uncertain" : await claimWebhook(conversation, webhookSid);
  if (claim === "lost") return ignored("already_handled");
  progress.isClaimed = true;
  const notify = async (whom: string, text: string | undefined, author = settings.author) => {
    if (text === undefined) return;
    await sendMessage(context, `${message.messageSid} ${whom}`, text, {
      author,
      isNew: claim === "claimed" && attempt === 0,
    });
  };
  // Twilio does not send a message to its author's phone. Chat users receive their own messages, too.
  const unseenBy = message.source === "SDK" ? settings.author : message.author;
  await allOrFirstFailure([
    notify("person", settings.handOver?.personText, unseenBy),
    notify("customer", settings.handOver?.customerText),
  ]);
  if (call.isQueued) await claimWebhook(conversation, webhookSid);
  return { status: "handed_over" };
}

/** Adds an agent chosen by the rule. @returns whether the conversation has one now. */
async function addByRule(
  { conversations, agentFacts, sendContext, log }: ResponderContext,
  choice: Choice,
): Promise<boolean> {
  const { conversation, conversationSid, state, call } = sendContext;
  const choose = () => candidatesFor(choice, conversationSid, agentFacts);
  const { status } = await inTurn({ conversations, state, call, log }, conversationSid, () =>
    addAgent({ conversation, conversationSid, state, call }, choose),
  );
  const isThere = status === "added" || status === "existing";
  if (!isThere) log.warn("nobody_free", { conversationSid, reason: status });
  return isThere;
}

/** Creates the webhook again so that Twilio delivers the message again, or logs `left_unanswered`. */
async function restoreWebhook(
  context: ResponderContext,
  { webhook, isClaimed }: Progress,
  error: unknown,
): Promise<void> {
  const { sendContext, message, log, attempt, index } = context;
  const { conversation, conversationSid, call } = sendContext;
  const about = { conversationSid, messageSid: message.messageSid, error };
  call.spendReserve();
  const isLast = attempt >= MOST_ATTEMPTS || index === undefined;
  if (isLast) log.error("left_unanswered", about);
  try {
    const url = withoutQuery(webhook?.configuration.url);
    if (webhook === undefined || url === undefined) throw new Error("The webhook could not be read.");
    const isOurs =
      isClaimed || (!isLast && (await claimWebhook(conversation, sidOf("WH", webhook.sid))) !== "lost");
    // It still exists for the next message, or another run has created it again.
    if (!isOurs || (await findWebhook(conversation, url))) return;
    const next = omitUndefined({ attempt: attempt + 1, settlesAt: settlesAtOf(error) });
    const replayed = { url: carry(url, next) ?? url, replayAfter: index };
    const listening = omitUndefined({ event: "onMessageAdded" as const, url, ...(!isLast && replayed) });
    await addWebhook(conversation, listening, call);
    if (!isLast) log.warn("put_back", about);
  } catch (cause) {
    log.error("left_unanswered", { ...about, cause });
  }
}

/** Adds the agents that can be added. @throws when none can. */
async function addPeople(
  { sendContext, log }: ResponderContext,
  identities: readonly string[],
): Promise<void> {
  const { conversation, call } = sendContext;
  const { participants } = conversation;
  const add = (identity: string) =>
    createUnique({
      create: () => participants.create({ identity }),
      find: async () => (await participants.list()).find((one) => one.identity === identity),
      call,
    }).catch((error: unknown) => {
      if (!isTwilioError(error, { code: ALREADY_THERE })) throw error;
    });
  const added = await Promise.allSettled(identities.map(add));
  const failures = added.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (failures.length > 0 && failures.length === identities.length) throw failures[0];
  for (const error of failures) log.error("person_not_added", { error });
}

/**
 * Sends a message with a key, by which later runs find it. In a group text only participants can be authors, so it is sent
 * in the name of one of the account's.
 */
async function sendMessage(
  { sendContext, message, settings }: ResponderContext,
  key: string,
  body: string,
  { author = settings.author, isNew }: { readonly author?: string | undefined; readonly isNew: boolean },
): Promise<MessageInstance> {
  const after = new Date(message.sentAt.getTime() - SECOND_MS);
  const sendAs = async (name: string | undefined) => {
    const content = omitUndefined({ body, author: name });
    return (await sendOnce(sendContext, { purpose: RESPONDER, key, after }, content, { isNew })).message;
  };
  try {
    return await sendAs(author);
  } catch (error) {
    if (!isTwilioError(error, { code: NOT_IN_GROUP })) throw error;
    const member = groupAuthor(await sendContext.conversation.participants.list());
    if (member === undefined) throw error;
    return sendAs(member);
  }
}
