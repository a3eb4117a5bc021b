import type { ConversationInstance } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { atLeastOne } from "../../core/field-rules.ts";
import { defineHandler } from "../../core/handler.ts";
import { conversationKey, requireOwn } from "../../core/input.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { sidOf } from "../../core/sid.ts";
import { state } from "../../core/state/state.ts";
import { closedTimer, inactiveTimer } from "../../core/timers.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { repeatWhileUncertain } from "../../core/twilio/once.ts";
import { targetOf } from "../../core/twilio/target.ts";

/**
 * Sets the time without a message after which a conversation becomes inactive, and the time after which it closes (docs:
 * States and timers). `off` removes a timer.
 *
 * Safe to call again: the same timers are set again, and restart.
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
      /** Time without a message after which it becomes inactive: `PT5M` or `5 minutes`, at least a minute; `off` for never. */
      inactive: v.optional(inactiveTimer()),
      /** Time in that state after which it closes: `P30D` or `30 days`, at least ten minutes; `off` for never. */
      closed: v.optional(closedTimer()),
    }),
    atLeastOne(["inactive", "closed"], "Give inactive, closed or both."),
  ),
  async run({ inactive, closed, ...target }, { conversations, state }) {
    const timers = omitUndefined({ "timers.inactive": inactive, "timers.closed": closed });
    try {
      const { conversation } = await targetOf({ conversations, state }, target);
      const updated = await repeatWhileUncertain(() => conversation.update(timers));
      return { status: updated.state, conversationSid: sidOf("CH", updated.sid), ...datesOf(updated) };
    } catch (error) {
      throw explainTwilioError(error, { field: "conversationSid" });
    }
  },
});

/** When the timers will expire, in ISO 8601. */
function datesOf({ timers }: ConversationInstance): {
  /** `null` while no timer runs. */
  dateInactive: string | null;
  /** `null` while no timer runs. */
  dateClosed: string | null;
} {
  const { date_inactive, date_closed } = timers as { date_inactive?: string; date_closed?: string };
  return { dateInactive: date_inactive ?? null, dateClosed: date_closed ?? null };
}
