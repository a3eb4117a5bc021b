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
import { createUnique } from "../../core/twilio/once.ts";
import { addWebhook, claimWebhook, findWebhook } from "../../core/twilio/own-webhook.ts";
import { tappedIds } from "../../core/twilio/tapped.ts";
import { type Added, type Answer, type Decision, decide, hasIds } from "./responder/decide.ts";
import { lookForAnswer, RESPONDER } from "./responder/given.ts";
import { type ResponderSettings, responderSettings } from "./responder/settings.ts";

/** The API gives whole seconds, the event milliseconds. */
const SECOND_MS = 1_000;
/** How often the webhook is put back for one message. */
const MOST_ATTEMPTS = 3;
/** Twilio's errors for a conversation that was closed or is gone, and for somebody who is in it already. */
const CLOSED = 50377;
const ALREADY_THERE = 50433;
/** Twilio's error for an author who is not in a group text. */
const NOT_IN_GROUP = 50513;

/**
 * The responder of one conversation, as a scoped webhook for `onMessageAdded` (docs: Conversation scoped webhook
 * resource; Conversations webhooks): answers keywords, hands over to a person, says when nobody is there. What it does
 * is set in `CONVERSATION_RESPONDER`.
 *
 * No loops: it answers no message of the API's, of its own, of other bots and of its own people; its messages come
 * from the API without `X-Twilio-Webhook-Enabled`, so that they call no webhook; and it has an hourly limit.
 *
 * How it stays correct when an event comes twice, late, out of order or while its twin is running:
 *
 * - What to do follows from the message alone: opening hours and the hourly limit go by when it was sent.
 * - Each answer has a key: that of a message for a keyword, of a closed period, or of the conversation. In the
 *   conversation's turn it looks for a message that has it, and sends one if there is none.
 * - A hand-over adds the people first, which does no harm twice. Then it deletes its webhook: Twilio does that once, and
 *   whoever gets the 204 tells both. Where that answer is lost, it looks before it sends.
 * - On Lambda events come through a queue, one after the other, so no lock is needed, and a hand-over looks before it
 *   sends and deletes its webhook at the end.
 * - An event that comes after the webhook was taken off, by a hand-over or by others, is ignored.
 *
 * When Twilio fails, the queue delivers the event again. On Functions the webhook is put in the place of the old one with
 * `ReplayAfter`, so that Twilio delivers the message again, three times at most. After that, and when it could not be put
 * back, the log says `left_unanswered`; the next message finds the webhook. A Function that is killed halfway leaves a message
 * unanswered, or, once it has deleted its webhook, two people who were not told.
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
    /** Who has written it. */
    Author: v.optional(eventText(), ""),
    /** Where from: `API`, `SDK`, `SMS`, `WHATSAPP`. */
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
    /** The scoped webhook that the event came through. */
    WebhookSid: v.optional(sid("WH")),
    /** Written into the webhook's URL when it is put back after a failure. */
    [CARRIED]: v.optional(carried(v.object({ attempt: v.number() }))),
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
    const sendContext: SendContext = { state, call, conversation, conversationSid };
    const attempt = event[CARRIED]?.attempt ?? 0;
    const work: Work = {
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
          ? await answer(work, decision)
          : await handOver(work, progress, sidOf("WH", webhook.sid));
      return outcome.status === "ignored" ? ignored(outcome.reason) : { ...outcome, conversationSid };
    } catch (error) {
      if (isTwilioError(error, { code: CLOSED })) return ignored("conversation_over");
      const explained = explainTwilioError(error);
      if (!call.isQueued && isWorthRepeating(explained)) await putBack(work, progress, explained);
      throw explained;
    }
  },
});

/** Decides by the words, and by the id of a tapped button where they call for nothing: titles differ by language. */
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

/** A message that something is to be done about. */
interface Work {
  readonly conversations: Conversations;
  readonly agentFacts: AgentFacts;
  readonly sendContext: SendContext;
  readonly message: Added;
  readonly settings: ResponderSettings;
  readonly log: Log;
  /** How often the webhook has been put back for it. */
  readonly attempt: number;
  /** The message's. */
  readonly index: number | undefined;
}

/** How far a run has come. */
interface Progress {
  /** The webhook that the event came through. */
  webhook: WebhookInstance | undefined;
  /** Whether this run has deleted it. */
  isClaimed: boolean;
}

type Outcome =
  | { readonly status: "ignored"; readonly reason: string }
  | { readonly status: "answered"; readonly answer: Answer["kind"]; readonly messageSid: Sid<"IM"> }
  | { readonly status: "handed_over" };

const ignored = (reason: string): Outcome => ({ status: "ignored", reason });

/** The webhook that the event came through, where it is still there. Twilio names it; should it not, the URL tells it. */
async function attachedWebhook(
  conversation: ConversationContext,
  webhookSid: Sid<"WH"> | undefined,
  publicBaseUrl: string | undefined,
): Promise<WebhookInstance | undefined> {
  if (webhookSid !== undefined) return conversation.webhooks(webhookSid).fetch().catch(noneIf404);
  if (publicBaseUrl === undefined) throw new Misconfigured("Environment: PUBLIC_BASE_URL is missing.");
  return findWebhook(conversation, `${publicBaseUrl}/webhooks/conversation`);
}

function answer(work: Work, answer: Answer): Promise<Outcome> {
  const { conversations, sendContext, message, settings, log } = work;
  const { conversationSid, state, call } = sendContext;
  const { kind, key, text } = answer;
  const give = async (): Promise<Outcome> => {
    const given = await lookForAnswer(sendContext, answer, message.sentAt, settings.openingHours);
    if (given.isGiven) return ignored("already_answered");
    if (given.inLastHour >= settings.mostAnswersPerHour) {
      log.warn("too_many_answers", { conversationSid, answers: given.inLastHour });
      return ignored("too_many_answers");
    }
    const { sid } = await say(work, key, text, { isNew: true });
    return { status: "answered", answer: kind, messageSid: sidOf("IM", sid) };
  };
  // Nobody else sends under these keys, and events out of a queue come one after the other.
  return call.isQueued ? give() : inTurn({ conversations, state, call, log }, conversationSid, give);
}

async function handOver(work: Work, progress: Progress, webhookSid: Sid<"WH">): Promise<Outcome> {
  const { sendContext, message, settings, attempt } = work;
  const { conversation, call } = sendContext;
  const { identities = [], agent } = settings.handOver ?? {};
  if (agent !== undefined && !(await addByRule(work, agent))) return ignored("nobody_free");
  await addPeople(work, identities);
  const claim = call.isQueued ? "uncertain" : await claimWebhook(conversation, webhookSid);
  if (claim === "lost") return ignored("already_handled");
  progress.isClaimed = true;
  const tell = async (whom: string, text: string | undefined, author = settings.author) => {
    if (text === undefined) return;
    await say(work, `${message.messageSid} ${whom}`, text, {
      author,
      isNew: claim === "claimed" && attempt === 0,
    });
  };
  // A message does not go to the phone of its author. Among chat users there is no such thing, and all read it.
  const unseenBy = message.source === "SDK" ? settings.author : message.author;
  await allOrFirstFailure([
    tell("person", settings.handOver?.personText, unseenBy),
    tell("customer", settings.handOver?.customerText),
  ]);
  if (call.isQueued) await claimWebhook(conversation, webhookSid);
  return { status: "handed_over" };
}

/** Adds an agent whom the rule chooses. @returns whether there is one. */
async function addByRule(
  { conversations, agentFacts, sendContext, log }: Work,
  choice: Choice,
): Promise<boolean> {
  const { conversation, conversationSid, state, call } = sendContext;
  const choose = () => candidatesFor(choice, conversationSid, agentFacts);
  const { status } = await inTurn({ conversations, state, call, log }, conversationSid, () =>
    addAgent({ conversation, conversationSid, state }, choose),
  );
  const isThere = status === "added" || status === "existing";
  if (!isThere) log.warn("nobody_free", { conversationSid, reason: status });
  return isThere;
}

/** Has Twilio deliver the message once more, or says in the log that it is left unanswered. */
async function putBack(work: Work, { webhook, isClaimed }: Progress, error: unknown): Promise<void> {
  const { sendContext, message, log, attempt, index } = work;
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
    // It is still there for the next message, or another run has put it back.
    if (!isOurs || (await findWebhook(conversation, url))) return;
    const replayed = { url: carry(url, { attempt: attempt + 1 }) ?? url, replayAfter: index };
    const listening = omitUndefined({ event: "onMessageAdded" as const, url, ...(!isLast && replayed) });
    await addWebhook(conversation, listening, { call });
    if (!isLast) log.warn("put_back", about);
  } catch (cause) {
    log.error("left_unanswered", { ...about, cause });
  }
}

/** Adds who can be added. @throws when nobody can. */
async function addPeople({ sendContext, log }: Work, identities: readonly string[]): Promise<void> {
  const { participants } = sendContext.conversation;
  const add = (identity: string) =>
    createUnique(
      () => participants.create({ identity }),
      async () => (await participants.list()).find((one) => one.identity === identity),
    ).catch((error: unknown) => {
      if (!isTwilioError(error, { code: ALREADY_THERE })) throw error;
    });
  const added = await Promise.allSettled(identities.map(add));
  const failures = added.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (failures.length > 0 && failures.length === identities.length) throw failures[0];
  for (const error of failures) log.error("person_not_added", { error });
}

/**
 * Sends a message that is known again by its key, when the answer to sending it was lost and later on. In a group text,
 * where only members may speak, one of ours says it.
 */
async function say(
  { sendContext, message, settings }: Work,
  key: string,
  body: string,
  { author = settings.author, isNew }: { readonly author?: string | undefined; readonly isNew: boolean },
): Promise<MessageInstance> {
  const after = new Date(message.sentAt.getTime() - SECOND_MS);
  const sayAs = async (name: string | undefined) => {
    const content = omitUndefined({ body, author: name });
    return (await sendOnce(sendContext, { purpose: RESPONDER, key, after }, content, { isNew })).message;
  };
  try {
    return await sayAs(author);
  } catch (error) {
    if (!isTwilioError(error, { code: NOT_IN_GROUP })) throw error;
    const member = groupAuthor(await sendContext.conversation.participants.list());
    if (member === undefined) throw error;
    return sayAs(member);
  }
}
