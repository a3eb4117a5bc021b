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
import { type Event, isPostAction, readEvent } from "./reactions/event.ts";
import { lookUntil } from "./reactions/look-until.ts";
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
 * repeated then. Twilio itself does not retry post-action webhooks, so on Twilio Functions only the log entries
 * `reaction_failed` and `left_unanswered` show the failure. A permanent failure is reported in the answer as `failed`.
 */
export default defineHandler({
  access: signedByTwilio,
  env: { CHAT_SERVICE_SID: v.optional(sidVariable("IS")) },
  use: { conversations, reactions, state, agentFacts },
  input: v.looseObject({}),
  async run(fields, { conversations, reactions, state, agentFacts, env, call, log }) {
    const event = readEvent(fields);
    const ignored = (reason: string) => ({ status: "ignored", reason });
    if (event === undefined) return ignored("unknown_event");
    if (!isPostAction(event.EventType)) {
      log.warn("pre_action_event", { eventType: event.EventType });
      return ignored("pre_action_event");
    }
    if (env.CHAT_SERVICE_SID !== undefined && isOfOther(event, env.CHAT_SERVICE_SID)) {
      return ignored("other_service");
    }
    const due = reactions.flatMap(({ name, needsTurn, to }) => {
      const act = to(event);
      return act ? [{ name, needsTurn, act }] : [];
    });
    if (due.length === 0 || !("ConversationSid" in event)) return ignored("no_reaction");

    const { ConversationSid: conversationSid } = event;
    const conversation = conversations(conversationSid);
    const reactAll = async () => {
      // Twilio sends events of a conversation that is still initializing, but rejects all changes to it.
      const found = await lookUntil(
        () => conversation.fetch().catch(noneIf404),
        (one) => one?.state !== "initializing",
        "The conversation is still initializing.",
      );
      if (found === undefined) return ignored("conversation_gone");
      if (isLock(state, found)) return ignored("lock");
      return runAll(due, { conversations, conversation, state, agentFacts, found, call, log });
    };
    const noteFailure = () => {
      const messageSid = "MessageSid" in event ? event.MessageSid : undefined;
      if (!call.isQueued) log.error("left_unanswered", { conversationSid, messageSid });
    };
    try {
      const needsTurn = due.some((reaction) => reaction.needsTurn);
      const answer = await (needsTurn
        ? inTurn({ conversations, state, call, log }, conversationSid, reactAll)
        : reactAll());
      if (answer instanceof Reply && answer.status >= 500) noteFailure();
      return answer;
    } catch (error) {
      noteFailure();
      throw explainTwilioError(error);
    }
  },
});

const isOfOther = ({ ChatServiceSid }: Event, serviceSid: Sid<"IS">): boolean =>
  ChatServiceSid !== undefined && ChatServiceSid !== serviceSid;

interface Due extends Pick<Reaction, "name"> {
  readonly act: (context: ReactionContext) => Promise<string>;
}

async function runAll(due: readonly Due[], context: ReactionContext): Promise<Reply> {
  const { log, found } = context;
  const outcomes: Record<string, string> = {};
  let hasFailed = false;
  for (const { name, act } of due) {
    try {
      outcomes[name] = await act(context);
    } catch (cause) {
      const error = explainTwilioError(cause);
      log.error("reaction_failed", { reaction: name, conversationSid: found.sid, error });
      outcomes[name] = "failed";
      hasFailed ||= isWorthRepeating(error);
    }
  }
  log.info("handled", { conversationSid: found.sid, ...outcomes });
  const [httpStatus, status] = hasFailed ? [502, "failed"] : [200, "handled"];
  return new Reply(httpStatus, { status, conversationSid: found.sid, ...outcomes });
}
