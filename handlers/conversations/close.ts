import * as v from "valibot";
import { bearer } from "../../core/access/bearer.ts";
import { signedByTwilio } from "../../core/access/signed-by-twilio.ts";
import { defineHandler } from "../../core/handler.ts";
import { conversationKey } from "../../core/input.ts";
import { conversationOf, conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError, isTwilioError } from "../../core/twilio/errors.ts";
import { repeatWhileUncertain } from "../../core/twilio/once.ts";

/**
 * Closes a conversation for good, which frees its number pairs (docs: States and timers).
 *
 * Safe to call again: a conversation that is closed already stays so, and the answer says that nothing changed.
 */
export default defineHandler({
  access: signedByTwilio.or(bearer("conversations:write")),
  use: { conversations },
  input: v.strictObject({ conversationSid: conversationKey() }),
  async run({ conversationSid }, { conversations }) {
    const conversation = conversationOf(conversations, conversationSid);
    try {
      const { sid } = await repeatWhileUncertain(() => conversation.update({ state: "closed" }));
      return { status: "closed", conversationSid: sid, changed: true };
    } catch (error) {
      if (!isTwilioError(error, { code: 50377 }))
        throw explainTwilioError(error, { field: "conversationSid" });
      const { sid } = await conversation.fetch().catch((cause: unknown) => {
        throw explainTwilioError(cause, { field: "conversationSid" });
      });
      return { status: "closed", conversationSid: sid, changed: false };
    }
  },
});
