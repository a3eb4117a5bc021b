import type { WebhookInstance } from "twilio/lib/rest/conversations/v1/conversation/webhook.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import { conversationKey, requireOwn, sid, wholeNumber } from "../../core/input.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { sidOf } from "../../core/sid.ts";
import { state } from "../../core/state/state.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { createCarefully } from "../../core/twilio/once.ts";
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
    const find = async ({ webhooks }: ConversationContext) =>
      (await webhooks.list()).find(({ configuration }) => configuration.flow_sid === flowSid);
    const answer = (status: "attached" | "existing", webhook: WebhookInstance) => ({
      status,
      conversationSid: sidOf("CH", webhook.conversationSid),
      /** The scoped webhook that attaches the flow. */
      webhookSid: sidOf("WH", webhook.sid),
    });
    try {
      const { conversation } = await targetOf({ conversations, state }, target);
      const existing = await find(conversation);
      if (existing) return answer("existing", existing);
      const create = () =>
        conversation.webhooks.create({
          target: "studio",
          "configuration.flowSid": flowSid,
          ...omitUndefined({ "configuration.replayAfter": replayAfter }),
        });
      const attached = await createCarefully({ create, find: () => find(conversation), call });
      return new Reply(201, answer("attached", attached));
    } catch (error) {
      throw explainTwilioError(error, { field: "flowSid", missingField: "conversationSid" });
    }
  },
});
