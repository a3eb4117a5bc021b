import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ParticipantInstance } from "twilio/lib/rest/conversations/v1/conversation/participant.js";
import type { ParticipantConversationListInstance as ParticipantConversations } from "twilio/lib/rest/conversations/v1/participantConversation.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { Conflict, InvalidInput, Misconfigured, NotFound } from "../../core/errors.ts";
import { exactlyOne, needs } from "../../core/field-rules.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import {
  attributes,
  contentVariables,
  conversationKey,
  MESSAGE_LENGTH,
  requireOwn,
  sid,
  text,
  whatsappAddress,
} from "../../core/input.ts";
import type { Log } from "../../core/log.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { type Sid, sidOf } from "../../core/sid.ts";
import { inTurnOfKey, SENT_BY_CALLER } from "../../core/state/caller-key.ts";
import { findSent, type Once, type SendContext, sendOnce } from "../../core/state/send-once.ts";
import { state } from "../../core/state/state.ts";
import { checkContent, templates } from "../../core/twilio/contents.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { OutcomeUnknown } from "../../core/twilio/once.ts";
import { claimWebhook } from "../../core/twilio/own-webhook.ts";
import {
  isOpen,
  newestFirst,
  participantConversations,
} from "../../core/twilio/participant-conversations.ts";
import { targetOf } from "../../core/twilio/target.ts";
import {
  type FollowUp,
  type FollowUpStatus,
  findListener,
  followUpWindow,
  listenForReceipts,
  receiptUrl,
} from "./window/follow-up.ts";
import { readWindow, type Window } from "./window/window.ts";

/**
 * Sends to people on WhatsApp: free text if all of them have written within the last 24 hours, otherwise the content template
 * (docs: Using WhatsApp with Conversations; Send rich content messages). Shortly before the window closes the template is
 * sent. If the window has closed nevertheless, the receipt contains the error, and `whatsapp/send-receipt` sends the template.
 *
 * Safe to call again with the same `idempotencyKey`, like `conversations/send`; if the text was rejected because the window
 * had closed, and the template was not sent, the repeated call sends it.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations, participantConversations, state, fetchTemplate: templates },
  input: v.pipe(
    v.strictObject({
      /** The conversation. Either this or `address`. */
      conversationSid: v.optional(conversationKey()),
      /** Whether this deployment must have created it; otherwise a 409. For unique names that a chat user could guess. */
      requireOwn: requireOwn(),
      /** A WhatsApp address; the person's newest open conversation is used. */
      address: v.optional(whatsappAddress()),
      /** The free text. */
      body: text(MESSAGE_LENGTH),
      /** An approved template for a closed window; without one the answer is then a 409. */
      contentSid: v.optional(sid("HX")),
      /** The template's variables. */
      contentVariables: v.optional(contentVariables()),
      /** The author: an identity or address. That participant does not receive the message. `system` if omitted. */
      author: v.optional(text(256)),
      /** The message's attributes. */
      attributes: v.optional(attributes(), {}),
      /** Makes the call safe to repeat, as for `conversations/send`; a repeated call also sends a missing template. */
      idempotencyKey: v.optional(text(128)),
    }),
    exactlyOne(["conversationSid", "address"]),
    needs("contentVariables", "contentSid"),
  ),
  mayBeRepeated: ({ idempotencyKey }) => idempotencyKey !== undefined,
  async run(input, context) {
    const { conversations, participantConversations, state, fetchTemplate, call, log, publicBaseUrl } =
      context;
    const { contentSid, contentVariables } = input;
    if (contentSid !== undefined && publicBaseUrl === undefined) {
      throw new Misconfigured("Environment: PUBLIC_BASE_URL is missing.");
    }
    await checkContent(fetchTemplate, { contentSid, contentVariables }, { needsApproval: true });
    const key = await keyOf(input, participantConversations);
    const request: SendRequest = {
      once: { purpose: SENT_BY_CALLER, key: input.idempotencyKey ?? call.requestId },
      isNew: input.idempotencyKey === undefined,
      body: input.body,
      template:
        input.contentSid === undefined ? undefined : templateOf(input.contentSid, input.contentVariables),
      author: input.author,
      attributes: input.attributes,
      receiptUrl: publicBaseUrl === undefined ? "" : receiptUrl(publicBaseUrl),
      log,
    };
    try {
      const { requireOwn } = input;
      const target = await targetOf({ conversations, state }, { conversationSid: key, requireOwn });
      const turnContext = { conversations, state, call, log };
      return await inTurnOfKey(turnContext, target, input.idempotencyKey, (target) =>
        send(request, { state, call, ...target }),
      );
    } catch (error) {
      throw explainTwilioError(error, {
        field: input.address === undefined ? "conversationSid" : "address",
      });
    }
  },
});

/** The answer. */
type Sent = {
  readonly status: "sent" | "existing";
  readonly conversationSid: Sid<"CH">;
  readonly messageSid: Sid<"IM">;
  readonly index: number;
  readonly sent: "text" | "template";
  /** Why text or the template was sent. */
  readonly reason?: `window_${Window["state"]}`;
  /** ISO 8601. */
  readonly windowClosesAt?: string | null;
  readonly followUp: FollowUpStatus;
};

/** The message to send, and how. */
interface SendRequest {
  readonly once: Once;
  /** Whether no message can have the key yet. */
  readonly isNew: boolean;
  readonly body: string;
  readonly template: FollowUp["template"] | undefined;
  readonly author: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly receiptUrl: string;
  readonly log: Log;
}

const templateOf = (
  contentSid: Sid<"HX">,
  variables: Readonly<Record<string, string>> | undefined,
): FollowUp["template"] =>
  omitUndefined({ contentSid, contentVariables: variables && JSON.stringify(variables) });

/** The conversation's SID or unique name. @throws {NotFound} when the address is in no open conversation. */
async function keyOf(
  { conversationSid, address }: { conversationSid?: string | undefined; address?: string | undefined },
  participantConversations: ParticipantConversations,
): Promise<string> {
  if (conversationSid !== undefined) return conversationSid;
  const all = await participantConversations.list({ address: address ?? "" }).catch((error: unknown) => {
    throw explainTwilioError(error, { field: "address" });
  });
  const [newest] = all.filter(isOpen).sort(newestFirst);
  if (newest) return newest.conversationSid;
  throw new NotFound("not_found", "address: this person is in no open conversation.", { field: "address" });
}

async function send(request: SendRequest, sendContext: SendContext): Promise<Reply<Sent>> {
  const { once, isNew, template, author } = request;
  const { conversation } = sendContext;
  const [earlier, participants] = await Promise.all([
    isNew ? undefined : findSent(sendContext, once),
    conversation.participants.list(),
  ]);
  if (earlier) return answerExisting(request, sendContext, earlier);
  const recipients = recipientsOf(participants, author);
  const people = recipients.filter(({ messagingBinding }) => messagingBinding.type === "whatsapp");
  if (people.length === 0) {
    const message = "No participant on WhatsApp would receive the message. Send it with conversations/send.";
    throw new InvalidInput(message, { code: "no_whatsapp_participant", field: "conversationSid" });
  }
  const window = await readWindow(
    sendContext,
    people.map(({ sid }) => sid),
    new Date(),
  );
  if (template !== undefined && window.state !== "open")
    return sendTemplate(request, sendContext, template, window);
  if (window.state !== "closed") return sendText(request, sendContext, recipients.length, window);
  const message =
    "A recipient has not written within 24 hours, so WhatsApp accepts only a template. Give contentSid.";
  throw new Conflict("window_closed", message, { field: "contentSid" });
}

/** The recipients on channels with receipts: all participants outside of chat except the author. */
const recipientsOf = (
  participants: readonly ParticipantInstance[],
  author: string | undefined,
): ParticipantInstance[] =>
  participants.filter(
    ({ messagingBinding }) => messagingBinding?.proxy_address && messagingBinding.address !== author,
  );

async function sendTemplate(
  { once, author, attributes }: SendRequest,
  sendContext: SendContext,
  template: FollowUp["template"],
  window: Window,
): Promise<Reply<Sent>> {
  const content = omitUndefined({ ...template, author });
  const { message } = await sendOnce(sendContext, once, content, { attributes, isNew: true });
  return sent(message, window, "none");
}

async function sendText(
  request: SendRequest,
  sendContext: SendContext,
  receipts: number,
  window: Window,
): Promise<Reply<Sent>> {
  const { once, body, author, attributes, log } = request;
  const webhookSid = await arrangeFollowUp(request, sendContext, receipts);
  try {
    const content = omitUndefined({ body, author });
    const { message } = await sendOnce(sendContext, once, content, { attributes, isNew: true });
    return sent(message, window, webhookSid === undefined ? "none" : "waiting");
  } catch (error) {
    // A message that may still appear keeps its webhook.
    if (webhookSid !== undefined && !(error instanceof OutcomeUnknown)) {
      sendContext.call.spendReserve();
      await claimWebhook(sendContext.conversation, webhookSid).catch((cause: unknown) => {
        log.warn("receipt_webhook_left", { webhookSid, error: cause });
      });
    }
    throw error;
  }
}

/**
 * Prepares sending the template in case the text is too late.
 *
 * @returns the webhook for the receipts; `undefined` without a template, or if the webhook cannot be created.
 */
async function arrangeFollowUp(
  { once, template, author, receiptUrl, log }: SendRequest,
  sendContext: SendContext,
  receipts: number,
): Promise<Sid<"WH"> | undefined> {
  if (template === undefined) return undefined;
  const key = sendContext.state.messageKey(sendContext.conversationSid, once.purpose, once.key);
  // An earlier call that did not learn the outcome of its message has kept its webhook.
  const earlier = await findListener(sendContext, receiptUrl, key);
  if (earlier) return earlier.webhookSid;
  const followUp = omitUndefined({ key, template, receipts, author });
  const webhook = await listenForReceipts(sendContext, receiptUrl, followUp);
  if (typeof webhook !== "string") return sidOf("WH", webhook.sid);
  log.warn("no_follow_up", { reason: webhook });
  return undefined;
}

/** Answers for a message that an earlier call has sent, and sends its template if that is missing. */
async function answerExisting(
  { once, template, author, receiptUrl: url, log }: SendRequest,
  sendContext: SendContext,
  message: MessageInstance,
): Promise<Reply<Sent>> {
  const key = sendContext.state.messageKey(sendContext.conversationSid, once.purpose, once.key);
  const listener = template && (await findListener(sendContext, url, key));
  // Without a webhook no run handles a rejection, or a run was terminated after it deleted the webhook.
  const own = omitUndefined({ key, receipts: 1, author });
  const followUp = listener?.followUp ?? (template && { ...own, template });
  const status =
    followUp === undefined || message.contentSid
      ? "none"
      : await followUpWindow(sendContext, {
          messageSid: sidOf("IM", message.sid),
          followUp,
          url,
          log,
          webhookSid: listener?.webhookSid,
        });
  return new Reply(200, { status: "existing", ...messageFields(message), followUp: status });
}

const sent = (message: MessageInstance, window: Window, followUp: "waiting" | "none"): Reply<Sent> =>
  new Reply(201, {
    status: "sent",
    ...messageFields(message),
    reason: `window_${window.state}`,
    windowClosesAt: window.closesAt?.toISOString() ?? null,
    followUp,
  });

const messageFields = (
  message: MessageInstance,
): Pick<Sent, "conversationSid" | "messageSid" | "index" | "sent"> => ({
  conversationSid: sidOf("CH", message.conversationSid),
  messageSid: sidOf("IM", message.sid),
  index: message.index,
  sent: message.contentSid ? "template" : "text",
});
