import type { WebhookInstance } from "twilio/lib/rest/conversations/v1/conversation/webhook.js";
import * as v from "valibot";
import { bearer } from "../../core/access/bearer.ts";
import { signedByTwilio } from "../../core/access/signed-by-twilio.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import { conversationKey, sid, wholeNumber } from "../../core/input.ts";
import { conversationOf, conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { createOnce } from "../../core/twilio/once.ts";

/**
 * Puts a Studio flow on a conversation: from then on it gets the messages (docs: Connecting Studio to Conversations).
 *
 * Safe to call again: a flow that is on the conversation already is answered as `existing`.
 */
export default defineHandler({
  access: signedByTwilio.or(bearer("conversations:write")),
  use: { conversations },
  input: v.strictObject({
    /** The conversation. */
    conversationSid: conversationKey(),
    /** The flow. */
    flowSid: sid("FW"),
    /** Index of the first message that the flow gets although it came before. */
    replayAfter: v.optional(wholeNumber()),
  }),
  async run({ conversationSid, flowSid, replayAfter }, { conversations }) {
    const { webhooks } = conversationOf(conversations, conversationSid);
    const find = async () =>
      (await webhooks.list()).find(({ configuration }) => configuration.flow_sid === flowSid);
    const answer = (status: "attached" | "existing", webhook: WebhookInstance) => ({
      status,
      conversationSid: webhook.conversationSid,
      /** The scoped webhook by which the flow is on the conversation. */
      webhookSid: webhook.sid,
    });
    try {
      const existing = await find();
      if (existing) return answer("existing", existing);
      const create = () =>
        webhooks.create({
          target: "studio",
          "configuration.flowSid": flowSid,
          ...(replayAfter !== undefined && { "configuration.replayAfter": replayAfter }),
        });
      return new Reply(201, answer("attached", await createOnce(create, find)));
    } catch (error) {
      throw explainTwilioError(error, { field: "flowSid", missingField: "conversationSid" });
    }
  },
});
