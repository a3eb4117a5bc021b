import * as v from "valibot";
import { bearer } from "../../core/access/bearer.ts";
import { signedByTwilio } from "../../core/access/signed-by-twilio.ts";
import { defineHandler } from "../../core/handler.ts";
import { conversationKey } from "../../core/input.ts";
import { closeConversation, conversationOf, conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";

/**
 * Closes a conversation for good, which frees its number pairs (docs: States and timers).
 *
 * Safe to call again: a conversation that is closed already stays so, and the answer says that nothing changed.
 */
export default defineHandler({
  access: signedByTwilio.or(bearer("conversations:write")),
  use: { conversations },
  input: v.strictObject({
    /** The conversation. */
    conversationSid: conversationKey(),
  }),
  async run({ conversationSid }, { conversations }) {
    const conversation = conversationOf(conversations, conversationSid);
    try {
      const closed = await closeConversation(conversation);
      const { sid } = closed ?? (await conversation.fetch());
      return {
        status: "closed" as const,
        conversationSid: sid,
        /** Whether this call has closed it. */
        changed: closed !== undefined,
      };
    } catch (error) {
      throw explainTwilioError(error, { field: "conversationSid" });
    }
  },
});
