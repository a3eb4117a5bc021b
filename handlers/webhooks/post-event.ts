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
 * Reacts to what has happened in conversations (docs: Conversations webhooks, post-action): each reaction of
 * `POST_EVENT_REACTIONS` that an event concerns is run, in the order of `handlers/webhooks/reactions/settings.ts`, and one that fails
 * does not keep the next ones from running.
 *
 * An event may come twice, late, out of order, or while its twin is still running. So no reaction believes the event more
 * than it must: each looks at the conversation as it is now, finds what was done already, and does what is left. Those
 * that look before they act do so in the conversation's turn, which one invocation has at a time. What may be done twice
 * without harm needs none.
 *
 * A failure that another attempt may mend is answered with 502 and repeated by the queue on Lambda; what is done is found
 * done then. Twilio itself repeats no post-action webhook, so on Twilio Functions the log's `reaction_failed` and
 * `left_unanswered` are all that is left of it. A failure that nothing mends is told in the answer as `failed`.
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
      // Until it is made, Twilio refuses all changes, and tells of it all the same.
      const found = await lookUntil(
        () => conversation.fetch().catch(noneIf404),
        (one) => one?.state !== "initializing",
        "The conversation is still being made.",
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
  readonly act: (scene: ReactionContext) => Promise<string>;
}

async function runAll(due: readonly Due[], scene: ReactionContext): Promise<Reply> {
  const { log, found } = scene;
  const outcomes: Record<string, string> = {};
  let hasFailed = false;
  for (const { name, act } of due) {
    try {
      outcomes[name] = await act(scene);
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
