import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import { conversationKey, requireOwn, sid, wholeNumber } from "../../core/input.ts";
import { sidOf } from "../../core/sid.ts";
import { state } from "../../core/state/state.ts";
import { attachFlow } from "../../core/twilio/attach-flow.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { targetOf } from "../../core/twilio/target.ts";

/**
 * Attaches a Studio flow to a conversation: from then on it receives the messages (docs: Connecting Studio to Conversations).
 *
 * Safe to call again: a flow that is already attached is answered as `existing`.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations, state },
  input: v.strictObject({
    /** The conversation. */
    conversationSid: conversationKey(),
    /** Whether this deployment must have created it; otherwise a 409. For unique names that a chat user could guess. */
    requireOwn: requireOwn(),
    /** The flow. */
    flowSid: sid("FW"),
    /** Index of the first earlier message that the flow receives. */
    replayAfter: v.optional(wholeNumber()),
  }),
  mayBeRepeated: () => true,
  async run({ flowSid, replayAfter, ...target }, { conversations, state, call }) {
    try {
      const { conversation } = await targetOf({ conversations, state }, target);
      const { webhook, isAdded } = await attachFlow(conversation, { flowSid, replayAfter }, call);
      const answer = {
        status: isAdded ? ("attached" as const) : ("existing" as const),
        conversationSid: sidOf("CH", webhook.conversationSid),
        /** The scoped webhook that attaches the flow. */
        webhookSid: sidOf("WH", webhook.sid),
      };
      return new Reply(isAdded ? 201 : 200, answer);
    } catch (error) {
      throw explainTwilioError(error, { field: "flowSid", missingField: "conversationSid" });
    }
  },
});
