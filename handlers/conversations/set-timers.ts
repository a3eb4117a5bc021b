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
 * Sets after how long without a message a conversation becomes inactive, and after how long it closes (docs: States
 * and timers). `off` takes a timer away.
 *
 * Safe to call again: the same timers are set once more, and begin anew.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations, state },
  input: v.pipe(
    v.strictObject({
      /** The conversation. */
      conversationSid: conversationKey(),
      /** Whether it must be one that this deployment has made; otherwise a 409. For names that a chat user could guess. */
      requireOwn: requireOwn(),
      /** After how long without a message it becomes inactive: `PT5M` or `5 minutes`, a minute at least; `off` for never. */
      inactive: v.optional(inactiveTimer()),
      /** After how long in that state it closes: `P30D` or `30 days`, ten minutes at least; `off` for never. */
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

/** When the timers will run out as things are, in ISO 8601. */
function datesOf({ timers }: ConversationInstance): {
  /** `null` while no timer runs. */
  dateInactive: string | null;
  /** `null` while no timer runs. */
  dateClosed: string | null;
} {
  const { date_inactive, date_closed } = timers as { date_inactive?: string; date_closed?: string };
  return { dateInactive: date_inactive ?? null, dateClosed: date_closed ?? null };
}
