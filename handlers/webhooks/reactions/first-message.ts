import { group, sendFirstMessage } from "../../../core/group-mms/first-message.ts";
import { type Reaction, reaction, sendContextOf } from "./reaction.ts";

/**
 * Sends the message that waits in a conversation's record until all members have joined (docs: Conversation with participants
 * resource: the conversation is `initializing` until then).
 *
 * Exactly once: under the conversation's lock, it searches for the message before it sends it.
 */
export const firstMessage: Reaction = reaction({
  name: "firstMessage",
  on: "onConversationStateUpdated",
  needsTurn: true,
  concerns: ({ StateFrom, StateTo }) => StateFrom === "initializing" && StateTo === "active",
  async react(_event, context) {
    const message = context.state.ofConversation(group, context.found)?.firstMessage;
    if (message === undefined) return "none";
    return context.found.state === "closed" ? "too_late" : sendFirstMessage(sendContextOf(context), message);
  },
});
