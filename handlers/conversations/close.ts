import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { defineHandler } from "../../core/handler.ts";
import { conversationKey, requireOwn } from "../../core/input.ts";
import { sidOf } from "../../core/sid.ts";
import { state } from "../../core/state/state.ts";
import { closeConversation, conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { targetOf } from "../../core/twilio/target.ts";

/**
 * Closes a conversation for good, which frees its number pairs (docs: States and timers).
 *
 * Safe to call again: a conversation that is already closed stays closed, and the answer says that nothing changed.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations, state },
  input: v.strictObject({
    /** The conversation. */
    conversationSid: conversationKey(),
    /** Whether this deployment must have created it; otherwise a 409. For unique names that a chat user could guess. */
    requireOwn: requireOwn(),
  }),
  async run(input, { conversations, state }) {
    try {
      const { conversation } = await targetOf({ conversations, state }, input);
      const closed = await closeConversation(conversation);
      const { sid } = closed ?? (await conversation.fetch());
      return {
        status: "closed" as const,
        conversationSid: sidOf("CH", sid),
        /** Whether this call has closed it. */
        changed: closed !== undefined,
      };
    } catch (error) {
      throw explainTwilioError(error, { field: "conversationSid" });
    }
  },
});
