import * as v from "valibot";
import { signedByTwilio } from "../../core/access/signed-by-twilio.ts";
import { Misconfigured } from "../../core/errors.ts";
import { defineHandler } from "../../core/handler.ts";
import { sid } from "../../core/input.ts";
import { CARRIED, carried } from "../../core/state/carried.ts";
import { state } from "../../core/state/state.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { followUp, followUpWindow, receiptUrl } from "./window/follow-up.ts";

/**
 * Receives the delivery receipts of free text that `whatsapp/send` has sent, and sends the template if WhatsApp rejected the
 * text because the 24-hour window had closed meanwhile (docs: Delivery receipts in Conversations; error 63016).
 *
 * Receipts may be delivered twice, late and out of order; `followUpWindow` sends the template once. The webhook is deleted
 * when the template was sent or is not needed. If sending the template fails, the webhook is created again, and on Lambda the
 * queue delivers the receipt again. If that fails too (`left_unanswered` in the log), or the receipt never arrives, calling
 * `whatsapp/send` again with the same key sends the template.
 */
export default defineHandler({
  access: signedByTwilio,
  use: { conversations, state },
  input: v.object({
    /** Anything but `onDeliveryUpdated` is ignored. */
    EventType: v.string(),
    /** The conversation. */
    ConversationSid: sid("CH"),
    /** The message. */
    MessageSid: v.optional(sid("IM")),
    /** The receipt's status. */
    Status: v.optional(v.string(), ""),
    /** Twilio's error code if it was not delivered: 63016 is a closed window. */
    ErrorCode: v.optional(v.string(), "0"),
    /** The scoped webhook that delivered the event. */
    WebhookSid: v.optional(sid("WH")),
    /** Written by `whatsapp/send` into the webhook's URL: the message's key and the template. */
    [CARRIED]: v.optional(carried(followUp)),
  }),
  async run(event, { conversations, state, call, log, publicBaseUrl }) {
    const { ConversationSid: conversationSid, MessageSid: messageSid } = event;
    if (event.EventType !== "onDeliveryUpdated" || messageSid === undefined)
      return { status: "ignored" as const, reason: "other_event", conversationSid };
    const about = { conversationSid, messageSid };
    if (event.Status === "sent") return { status: "ignored" as const, reason: "not_final", ...about };
    const followUp = event[CARRIED];
    if (followUp === undefined) return { status: "ignored" as const, reason: "no_follow_up", ...about };
    if (publicBaseUrl === undefined) throw new Misconfigured("Environment: PUBLIC_BASE_URL is missing.");
    const conversation = conversations(conversationSid);
    const sendContext = { state, call, conversation, conversationSid };
    const check = {
      messageSid,
      followUp,
      url: receiptUrl(publicBaseUrl),
      log,
      webhookSid: event.WebhookSid,
      errorCode: Number(event.ErrorCode),
    };
    const status = await followUpWindow(sendContext, check).catch((error: unknown) => {
      throw explainTwilioError(error);
    });
    if (status === "followed") log.info("template_followed", about);
    return { status, ...about };
  },
});
