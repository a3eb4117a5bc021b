import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { defineHandler } from "../../core/handler.ts";
import { conversationKey, identity, requireOwn, wholeNumber } from "../../core/input.ts";
import { orNull } from "../../core/or-null.ts";
import { state } from "../../core/state/state.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { repeatWhileUncertain } from "../../core/twilio/once.ts";
import { targetOf } from "../../core/twilio/target.ts";
import { userConversations } from "../../core/twilio/user-conversations.ts";

/**
 * Marks a conversation's messages as read by a user: advances the read horizon (docs: User conversation resource; Read
 * horizon).
 *
 * Safe to call again, also late: the read horizon never moves back.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations, userConversations, state },
  input: v.strictObject({
    /** The user. */
    identity: identity(),
    /** The conversation. */
    conversationSid: conversationKey(),
    /** Whether this deployment must have created it; otherwise a 409. For unique names that a chat user could guess. */
    requireOwn: requireOwn(),
    /** Index of the last message that was read. The newest one if omitted. */
    index: v.optional(wholeNumber()),
  }),
  async run({ identity, index, ...target }, { conversations, userConversations, state }) {
    try {
      const { conversation, conversationSid } = await targetOf({ conversations, state }, target);
      const membership = userConversations(identity)(conversationSid);
      const [before, newest] = await Promise.all([
        membership.fetch(),
        conversation.messages.list({ order: "desc", limit: 1 }),
      ]);
      const last = newest[0]?.index;
      // Twilio accepts an index that no message has yet, which would mark later messages as read.
      const wanted = Math.min(index ?? last ?? -1, last ?? -1);
      const isMoved = wanted > (before.lastReadMessageIndex ?? -1);
      const after = isMoved
        ? await repeatWhileUncertain(() => membership.update({ lastReadMessageIndex: wanted }))
        : before;
      return {
        status: isMoved ? ("read" as const) : ("unchanged" as const),
        conversationSid,
        identity,
        /** Index of the last message that was read; `null` if there is none. */
        lastRead: orNull(after.lastReadMessageIndex),
        /** The number of unread messages; `null` without a read horizon. */
        unread: orNull(after.unreadMessagesCount),
      };
    } catch (error) {
      throw explainTwilioError(error, { field: "index", missingField: "identity" });
    }
  },
});
