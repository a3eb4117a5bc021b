import { group, sendFirstMessage } from "../../../core/group-mms/first-message.ts";
import { outboxOf, type Reaction, reaction } from "./reaction.ts";

/**
 * Sends the message that waits in a conversation's record for everybody to be in it (docs: Conversation with participants
 * resource: the conversation is `initializing` until then).
 *
 * Exactly once: within a turn, it looks for the message before it sends it.
 */
export const firstMessage: Reaction = reaction({
  name: "firstMessage",
  on: "onConversationStateUpdated",
  needsTurn: true,
  concerns: ({ StateFrom, StateTo }) => StateFrom === "initializing" && StateTo === "active",
  async react(_event, scene) {
    const message = scene.state.ofConversation(group, scene.found)?.firstMessage;
    if (message === undefined) return "none";
    return scene.found.state === "closed" ? "too_late" : sendFirstMessage(outboxOf(scene), message);
  },
});
