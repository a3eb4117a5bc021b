import * as v from "valibot";
import { signedByTwilio } from "../../core/access/signed-by-twilio.ts";
import { defineHandler } from "../../core/handler.ts";
import { sid } from "../../core/input.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { followUpWindow } from "./window/follow-up.ts";

/**
 * Hears of the delivery receipts of free text that `whatsapp/send` has sent, and sends the template after it when the
 * 24-hour window had closed in between (docs: Delivery receipts in Conversations; error 63016).
 *
 * Receipts come twice, late and out of order: see `followUpWindow` for how the template follows once all the same. The
 * webhook is removed when the template has followed or is not needed. Where sending the template fails, or the receipt
 * never comes, calling `whatsapp/send` again with the same key makes up for it.
 */
export default defineHandler({
  access: signedByTwilio,
  use: { conversations },
  input: v.object({
    /** Anything but `onDeliveryUpdated` is ignored. */
    EventType: v.string(),
    /** The conversation. */
    ConversationSid: sid("CH"),
    /** The message. */
    MessageSid: v.optional(sid("IM")),
    /** The receipt's. */
    Status: v.optional(v.string(), ""),
    /** Why it was not delivered: 63016 is a closed window. */
    ErrorCode: v.optional(v.string(), "0"),
  }),
  async run(event, { conversations, log }) {
    const { ConversationSid: conversationSid, MessageSid: messageSid } = event;
    if (event.EventType !== "onDeliveryUpdated" || messageSid === undefined)
      return { status: "ignored" as const, reason: "other_event", conversationSid };
    const about = { conversationSid, messageSid };
    if (event.Status === "sent") return { status: "ignored" as const, reason: "not_final", ...about };
    const receipt = { messageSid, errorCode: Number(event.ErrorCode) };
    const status = await followUpWindow(conversations(conversationSid), receipt).catch((error: unknown) => {
      throw explainTwilioError(error);
    });
    if (status === "followed") log.info("template_followed", about);
    return { status, ...about };
  },
});
