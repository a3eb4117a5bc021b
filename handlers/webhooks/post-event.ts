import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { signedByTwilio } from "../../core/access/signed-by-twilio.ts";
import { agentFacts } from "../../core/agents/facts.ts";
import { sidVariable } from "../../core/environment.ts";
import { isWorthRepeating } from "../../core/errors.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import type { Sid } from "../../core/sid.ts";
import { isLock } from "../../core/state/lock.ts";
import { state } from "../../core/state/state.ts";
import { inTurn } from "../../core/state/turn.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError, noneIf404 } from "../../core/twilio/errors.ts";
import { settlesAtOf } from "../../core/twilio/once.ts";
import { type Event, isPostAction, readEvent } from "./reactions/event.ts";
import { lookUntil } from "./reactions/look-until.ts";
import { isUntouched, missedBefore } from "./reactions/missed.ts";
import { deliverAgain, readPending, removePutBack, restored } from "./reactions/put-back.ts";
import type { Reaction, ReactionContext } from "./reactions/reaction.ts";
import { reactions } from "./reactions/settings.ts";

/**
 * Runs the reactions of `POST_EVENT_REACTIONS` that apply to an event (docs: Conversations webhooks, post-action), in the
 * order of `handlers/webhooks/reactions/settings.ts`. If one fails, the next ones still run.
 *
 * An event may be delivered twice, late, out of order or concurrently. So each reaction fetches the current state of the
 * conversation, detects what was already done, and does the rest. Reactions that must not run concurrently hold the
 * conversation's lock. Those that are safe to repeat need none.
 *
 * A temporary failure is answered with 502, and the queue on Lambda delivers the event again; completed reactions are not
 * repeated then. Twilio itself does not retry post-action webhooks, so on Twilio Functions a scoped webhook is created that
 * delivers the event again: at once, at most three times, and then with the conversation's next message. If that fails, too,
 * `left_unanswered` is logged; in a conversation that a person on a phone has started, the next of its first messages
 * detects that nothing was done. A permanent failure is reported in the answer as `failed`.
 */
export default defineHandler({
  access: signedByTwilio,
  env: { CHAT_SERVICE_SID: v.optional(sidVariable("IS")) },
  use: { conversations, reactions, state, agentFacts },
  input: v.looseObject({}),
  async run(fields, context) {
    const { conversations, reactions, state, agentFacts, env, call, log, publicBaseUrl } = context;
    const pending = readPending(fields);
    const event = readEvent(pending === undefined ? fields : restored(pending, fields));
    const ignored = (reason: string) => ({ status: "ignored", reason });
    if (event === undefined) return ignored("unknown_event");
    if (!isPostAction(event.EventType)) {
      log.warn("pre_action_event", { eventType: event.EventType });
      return ignored("pre_action_event");
    }
    if (env.CHAT_SERVICE_SID !== undefined && isOfOther(event, env.CHAT_SERVICE_SID)) {
      return ignored("other_service");
    }
    if (!("ConversationSid" in event)) return ignored("no_reaction");
    const { ConversationSid: conversationSid } = event;
    const conversation = conversations(conversationSid);
    const webhook = pending && conversation.webhooks(String(fields.WebhookSid));
    if (!call.isQueued) call.reserve();
    try {
      const due = [...(await dueBefore(event, context, conversation)), ...dueAfter(event, reactions)];
      if (due.length === 0) return ignored("no_reaction");
      const reactAll = async () => {
        // Another message has delivered the pending event.
        if (webhook && !(await webhook.fetch().catch(noneIf404))) return ignored("already_handled");
        // Twilio sends events of a conversation that is still initializing, but rejects all changes to it.
        const found = await lookUntil(
          () => conversation.fetch().catch(noneIf404),
          (one) => one?.state !== "initializing",
          "The conversation is still initializing.",
        );
        if (found === undefined) return ignored("conversation_gone");
        if (isLock(state, found)) return ignored("lock");
        const settlesAt = pending?.settlesAt;
        const reply = await runAll(due, {
          conversations,
          conversation,
          state,
          agentFacts,
          found,
          call,
          log,
          settlesAt,
        });
        if (webhook) await removePutBack(webhook, log);
        return reply;
      };
      const needsTurn = due.some((reaction) => reaction.needsTurn);
      return await (needsTurn
        ? inTurn({ conversations, state, call, log }, conversationSid, reactAll)
        : reactAll());
    } catch (cause) {
      const error = explainTwilioError(cause);
      if (!call.isQueued) {
        await deliverAgain(
          { conversation, conversationSid, call, log },
          { event, publicBaseUrl, pending, webhook, error },
        );
      }
      if (error instanceof ReactionsFailed) return error.reply;
      throw error;
    }
  },
});

const isOfOther = ({ ChatServiceSid }: Event, serviceSid: Sid<"IS">): boolean =>
  ChatServiceSid !== undefined && ChatServiceSid !== serviceSid;

interface Due extends Pick<Reaction, "name" | "needsTurn"> {
  readonly act: (context: ReactionContext) => Promise<string>;
}

const dueAfter = (event: Event, reactions: readonly Reaction[]): Due[] =>
  reactions.flatMap(({ name, needsTurn, to }) => {
    const act = to(event);
    return act ? [{ name, needsTurn, act }] : [];
  });

/** The reactions to an earlier event of the conversation that was not handled. The queue loses none. */
async function dueBefore(
  event: Event,
  {
    reactions,
    state,
    call,
  }: Pick<ReactionContext, "state" | "call"> & { readonly reactions: readonly Reaction[] },
  conversation: ConversationContext,
): Promise<Due[]> {
  const missed = call.isQueued ? undefined : missedBefore(event);
  const due = missed === undefined ? [] : dueAfter(missed.event, reactions);
  return missed && due.length > 0 && (await isUntouched(conversation, state, missed)) ? due : [];
}

/** Some reactions have failed, and may succeed when the event is delivered again. */
class ReactionsFailed extends Error {
  readonly reply: Reply;

  constructor(reply: Reply, cause: unknown) {
    super("Reactions have failed.", { cause });
    this.reply = reply;
  }
}

/** @throws {ReactionsFailed} */
async function runAll(due: readonly Due[], context: ReactionContext): Promise<Reply> {
  const { log, found } = context;
  const outcomes: Record<string, string> = {};
  const failures: unknown[] = [];
  for (const { name, act } of due) {
    try {
      outcomes[name] = await act(context);
    } catch (cause) {
      const error = explainTwilioError(cause);
      log.error("reaction_failed", { reaction: name, conversationSid: found.sid, error });
      outcomes[name] = "failed";
      if (isWorthRepeating(error)) failures.push(error);
    }
  }
  log.info("handled", { conversationSid: found.sid, ...outcomes });
  const answer = { conversationSid: found.sid, ...outcomes };
  if (failures.length === 0) return new Reply(200, { status: "handled", ...answer });
  // The one whose outcome is unknown decides how the event is handled again.
  const cause = failures.find((error) => settlesAtOf(error) !== undefined) ?? failures[0];
  throw new ReactionsFailed(new Reply(502, { status: "failed", ...answer }), cause);
}
