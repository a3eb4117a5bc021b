import type { ConversationInstance } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { bearer } from "../../core/access/bearer.ts";
import { signedByTwilio } from "../../core/access/signed-by-twilio.ts";
import { parseDuration } from "../../core/duration.ts";
import { InvalidInput } from "../../core/errors.ts";
import { defineHandler } from "../../core/handler.ts";
import { conversationKey, text } from "../../core/input.ts";
import { conversationOf, conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { repeatWhileUncertain } from "../../core/twilio/once.ts";

/** Twilio's minimums (docs: States and timers), in seconds. */
const SHORTEST = { inactive: 60, closed: 600 } as const;

/**
 * Sets after how long without a message a conversation becomes inactive, and after how long it closes (docs: States
 * and timers). `off` takes a timer away.
 *
 * Safe to call again: the same timers are set once more, and begin anew.
 */
export default defineHandler({
  access: signedByTwilio.or(bearer("conversations:write")),
  use: { conversations },
  input: v.strictObject({
    conversationSid: conversationKey(),
    /** At least a minute: ISO 8601 or plain words, such as `PT5M` or `5 minutes`. */
    inactive: v.optional(text(64)),
    /** At least ten minutes. */
    closed: v.optional(text(64)),
  }),
  async run({ conversationSid, inactive, closed }, { conversations }) {
    if (inactive === undefined && closed === undefined) {
      throw new InvalidInput("Give inactive, closed or both.", { field: "inactive" });
    }
    const timers = {
      ...(inactive !== undefined && { "timers.inactive": timer("inactive", inactive) }),
      ...(closed !== undefined && { "timers.closed": timer("closed", closed) }),
    };
    const conversation = conversationOf(conversations, conversationSid);
    const updated = await repeatWhileUncertain(() => conversation.update(timers)).catch((error: unknown) => {
      throw explainTwilioError(error, { field: "conversationSid" });
    });
    return { status: updated.state, conversationSid: updated.sid, ...datesOf(updated) };
  },
});

function timer(field: keyof typeof SHORTEST, value: string): string {
  const duration = parseDuration(value);
  if ("problem" in duration) throw new InvalidInput(`${field} ${duration.problem}.`, { field });
  if (duration.seconds !== 0 && duration.seconds < SHORTEST[field]) {
    throw new InvalidInput(`${field} must be ${SHORTEST[field] / 60} minutes at least, or "off".`, { field });
  }
  return `PT${Math.round(duration.seconds)}S`;
}

/** When the timers will run out as things are, in ISO 8601. */
function datesOf({ timers }: ConversationInstance): {
  dateInactive: string | null;
  dateClosed: string | null;
} {
  const { date_inactive, date_closed } = timers as { date_inactive?: string; date_closed?: string };
  return { dateInactive: date_inactive ?? null, dateClosed: date_closed ?? null };
}
