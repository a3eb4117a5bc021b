import type { WebhookInstance } from "twilio/lib/rest/conversations/v1/conversation/webhook.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { exactlyOne } from "../../core/field-rules.ts";
import { defineHandler } from "../../core/handler.ts";
import { conversationKey, requireOwn, sid, text } from "../../core/input.ts";
import type { Sid } from "../../core/sid.ts";
import { withoutQuery } from "../../core/state/carried.ts";
import { state } from "../../core/state/state.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { removeIfPresent } from "../../core/twilio/once.ts";
import { targetOf } from "../../core/twilio/target.ts";

const TARGETS = ["studio", "webhook", "trigger"] as const;

/**
 * Detaches a Studio flow, a bot or other scoped webhooks from a conversation (docs: Conversation scoped webhook resource):
 * one by its SID, those of a flow or URL, or all of a target. All of them cannot be detached in one call, so that no
 * responder is removed by mistake.
 *
 * Safe to call again: webhooks that no longer exist are not counted.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations, state },
  input: v.pipe(
    v.strictObject({
      /** The conversation. */
      conversationSid: conversationKey(),
      /** Whether this deployment must have created it; otherwise a 409. For unique names that a chat user could guess. */
      requireOwn: requireOwn(),
      /** One scoped webhook. Exactly one of this and the next three. */
      webhookSid: v.optional(sid("WH")),
      /** Those of a Studio flow. */
      flowSid: v.optional(sid("FW")),
      /** Those that call this URL, with any query. */
      url: v.optional(text(512)),
      /** All of a target. */
      target: v.optional(v.picklist(TARGETS, `must be one of ${TARGETS.join(", ")}`)),
    }),
    exactlyOne(["webhookSid", "flowSid", "url", "target"]),
  ),
  async run({ conversationSid, requireOwn, ...wanted }, { conversations, state }) {
    try {
      const { conversation, conversationSid: sid } = await targetOf(
        { conversations, state },
        { conversationSid, requireOwn },
      );
      const webhooks = await conversation.webhooks.list();
      const matching = webhooks.filter((webhook) => isWanted(webhook, wanted));
      const removals = await Promise.all(
        matching.map(({ sid }) => removeIfPresent(() => conversation.webhooks(sid).remove())),
      );
      return {
        status: "detached" as const,
        conversationSid: sid,
        /** The number of detached webhooks. */
        removed: removals.filter(Boolean).length,
      };
    } catch (error) {
      throw explainTwilioError(error, { field: "conversationSid" });
    }
  },
});

interface Wanted {
  readonly webhookSid?: Sid<"WH"> | undefined;
  readonly flowSid?: Sid<"FW"> | undefined;
  readonly url?: string | undefined;
  readonly target?: string | undefined;
}

function isWanted({ sid, target, configuration }: WebhookInstance, wanted: Wanted): boolean {
  return (
    sid === wanted.webhookSid ||
    target === wanted.target ||
    (wanted.flowSid !== undefined && configuration.flow_sid === wanted.flowSid) ||
    (wanted.url !== undefined && [configuration.url, withoutQuery(configuration.url)].includes(wanted.url))
  );
}
