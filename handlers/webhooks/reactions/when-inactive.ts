import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import { closeConversation } from "../../../core/twilio/conversations.ts";
import { isTwilioError } from "../../../core/twilio/errors.ts";
import { repeatWhileUncertain } from "../../../core/twilio/once.ts";
import { type Reaction, reaction } from "./reaction.ts";

/**
 * Frees the numbers of a conversation that has become inactive: closes it, or removes the people on phones and keeps the chat
 * users (docs: Using states and timers; Inbound message handling: a pair of numbers is bound until its participant is removed
 * or the conversation is closed).
 *
 * Both are safe to repeat. A late event changes nothing if there is a newer message: the current state decides. A message
 * that arrives at the same moment may still find the conversation closed.
 */
export const whenInactive = (action: "close" | "free"): Reaction =>
  reaction({
    name: "whenInactive",
    on: "onConversationStateUpdated",
    needsTurn: false,
    concerns: ({ StateTo }) => StateTo === "inactive",
    async react(_event, { conversation, found }) {
      if (found.state !== "inactive") return "not_any_more";
      if (action === "free") return freePairs(conversation);
      await closeConversation(conversation);
      return "closed";
    },
  });

async function freePairs(conversation: ConversationContext): Promise<string> {
  const people = (await conversation.participants.list()).filter(
    ({ messagingBinding }) => messagingBinding?.proxy_address !== undefined,
  );
  for (const { sid } of people) {
    await repeatWhileUncertain(() => conversation.participants(sid).remove()).catch((error: unknown) => {
      if (!isTwilioError(error, { status: 404 })) throw error;
    });
  }
  return people.length === 0 ? "nobody_on_phones" : "freed";
}
