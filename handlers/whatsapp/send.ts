import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ParticipantInstance } from "twilio/lib/rest/conversations/v1/conversation/participant.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import type { ParticipantConversationListInstance as ParticipantConversations } from "twilio/lib/rest/conversations/v1/participantConversation.js";
import * as v from "valibot";
import { bearer } from "../../core/access/bearer.ts";
import { signedByTwilio } from "../../core/access/signed-by-twilio.ts";
import { Conflict, InvalidInput, Misconfigured, NotFound } from "../../core/errors.ts";
import { type Call, defineHandler, Reply } from "../../core/handler.ts";
import {
  attributes,
  contentVariables,
  conversationKey,
  MESSAGE_LENGTH,
  sid,
  text,
  whatsappAddress,
} from "../../core/input.ts";
import type { Log } from "../../core/log.ts";
import { checkContent, templates } from "../../core/twilio/contents.ts";
import { conversationOf, conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { findByKey, sendWithKey } from "../../core/twilio/messages.ts";
import { claimWebhook } from "../../core/twilio/own-webhook.ts";
import {
  isOpen,
  newestFirst,
  participantConversations,
} from "../../core/twilio/participant-conversations.ts";
import { inTurnOfKey } from "../../core/twilio/turn.ts";
import {
  type FollowUp,
  type FollowUpStatus,
  followUpAttributes,
  followUpWindow,
  listenForReceipts,
  receiptUrl,
} from "./window/follow-up.ts";
import { readWindow, type Window } from "./window/window.ts";

/** Largest attributes of a message (docs: Conversations limits). */
const LARGEST_ATTRIBUTES_BYTES = 4 * 1024;

/**
 * Sends to people on WhatsApp: free text while all of them have written within the last 24 hours, and the content template
 * otherwise (docs: Using WhatsApp with Conversations; Send rich content messages). Near the edge of the window the
 * template is what is sent. Should the window have closed in between all the same, the receipt says so, and
 * `whatsapp/send-receipt` sends the template after the text.
 *
 * Safe to call again with the same `idempotencyKey`, as `conversations/send` is; a call that finds its text refused for
 * the window and not followed sends the template then.
 */
export default defineHandler({
  access: signedByTwilio.or(bearer("conversations:write")),
  use: { conversations, participantConversations, fetchTemplate: templates },
  input: v.strictObject({
    /** The conversation. Either this or `address`. */
    conversationSid: v.optional(conversationKey()),
    /** Somebody whose newest open conversation is meant. */
    address: v.optional(whatsappAddress()),
    /** The free text. */
    body: text(MESSAGE_LENGTH),
    /** An approved template, for when the window is closed: without one that is a 409. */
    contentSid: v.optional(sid("HX")),
    /** The template's variables. */
    contentVariables: v.optional(contentVariables()),
    /** In whose name: an identity or address. That participant does not get the message. `system` unless given. */
    author: v.optional(text(256)),
    /** The message's. */
    attributes: v.optional(attributes(), {}),
    /** Makes the call safe to repeat, as for `conversations/send`; and sends a template that should have followed and did not. */
    idempotencyKey: v.optional(text(128)),
  }),
  async run(input, { conversations, participantConversations, fetchTemplate, call, log, publicBaseUrl }) {
    const { contentSid, contentVariables } = input;
    if (contentSid !== undefined && publicBaseUrl === undefined) {
      throw new Misconfigured("Environment: PUBLIC_BASE_URL is missing.");
    }
    await checkContent(fetchTemplate, { contentSid, contentVariables }, { needsApproval: true });
    const key = await keyOf(input, participantConversations);
    const order: Order = {
      conversation: conversationOf(conversations, key),
      idempotencyKey: input.idempotencyKey ?? call.requestId,
      body: input.body,
      template:
        input.contentSid === undefined ? undefined : templateOf(input.contentSid, input.contentVariables),
      author: input.author,
      attributes: input.attributes,
      receiptUrl: publicBaseUrl === undefined ? "" : receiptUrl(publicBaseUrl),
      call,
      log,
    };
    const sendOnce = () => send(order, input.idempotencyKey !== undefined);
    return inTurnOfKey(conversations, key, input.idempotencyKey, { call, log }, sendOnce).catch(
      (error: unknown) => {
        throw explainTwilioError(error, {
          field: input.address === undefined ? "conversationSid" : "address",
        });
      },
    );
  },
});

/** What the caller learns. */
type Sent = {
  readonly status: "sent" | "existing";
  readonly conversationSid: string;
  readonly messageSid: string;
  readonly index: number;
  readonly sent: "text" | "template";
  /** Why: `window_open`, `window_closing` or `window_closed`. */
  readonly reason?: string;
  /** ISO 8601. */
  readonly windowClosesAt?: string | null;
  readonly followUp: FollowUpStatus;
};

/** What is to be sent, and where. */
interface Order {
  readonly conversation: ConversationContext;
  readonly idempotencyKey: string;
  readonly body: string;
  readonly template: FollowUp["template"] | undefined;
  readonly author: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly receiptUrl: string;
  readonly call: Call;
  readonly log: Log;
}

const templateOf = (
  contentSid: string,
  variables: Readonly<Record<string, string>> | undefined,
): FollowUp["template"] => ({
  contentSid,
  ...(variables !== undefined && { contentVariables: JSON.stringify(variables) }),
});

/** The conversation's SID or unique name. @throws {NotFound} when somebody is in no open conversation. */
async function keyOf(
  { conversationSid, address }: { conversationSid?: string | undefined; address?: string | undefined },
  participantConversations: ParticipantConversations,
): Promise<string> {
  if ((conversationSid === undefined) === (address === undefined)) {
    throw new InvalidInput("Give either conversationSid or address.", { field: "conversationSid" });
  }
  if (conversationSid !== undefined) return conversationSid;
  const all = await participantConversations.list({ address: address ?? "" }).catch((error: unknown) => {
    throw explainTwilioError(error, { field: "address" });
  });
  const [newest] = all.filter(isOpen).sort(newestFirst);
  if (newest) return newest.conversationSid;
  throw new NotFound("not_found", "address: this person is in no open conversation.", { field: "address" });
}

async function send(order: Order, isRepeatable: boolean): Promise<Reply<Sent>> {
  const { conversation, idempotencyKey, template, author } = order;
  const [earlier, participants] = await Promise.all([
    isRepeatable ? findByKey(conversation, idempotencyKey) : undefined,
    conversation.participants.list(),
  ]);
  if (earlier) return answerExisting(order, earlier);
  const recipients = recipientsOf(participants, author);
  const people = recipients.filter(({ messagingBinding }) => messagingBinding.type === "whatsapp");
  if (people.length === 0) {
    const message = "Nobody on WhatsApp would get the message. Send it with conversations/send.";
    throw new InvalidInput(message, { code: "no_whatsapp_participant", field: "conversationSid" });
  }
  const window = await readWindow(
    conversation,
    people.map(({ messagingBinding }) => messagingBinding.address),
    new Date(),
  );
  if (template !== undefined && window.state !== "open") return sendTemplate(order, template, window);
  if (window.state !== "closed") return sendText(order, recipients.length, window);
  const message =
    "Somebody who would get the message has not written within 24 hours, so WhatsApp takes a template only. Give contentSid.";
  throw new Conflict("window_closed", message, { field: "contentSid" });
}

/** Who gets a message by a channel that has receipts: everybody outside chat but its author. */
const recipientsOf = (
  participants: readonly ParticipantInstance[],
  author: string | undefined,
): ParticipantInstance[] =>
  participants.filter(
    ({ messagingBinding }) => messagingBinding?.proxy_address && messagingBinding.address !== author,
  );

async function sendTemplate(
  order: Order,
  template: FollowUp["template"],
  window: Window,
): Promise<Reply<Sent>> {
  const message = await sendWithKey(
    order.conversation,
    order.idempotencyKey,
    { ...template, ...(order.author !== undefined && { author: order.author }) },
    order.attributes,
  );
  return sent(message, window, "none");
}

async function sendText(order: Order, receipts: number, window: Window): Promise<Reply<Sent>> {
  const { conversation, call, log } = order;
  const followUp = await arrangeFollowUp(order, receipts);
  try {
    const message = await sendWithKey(
      conversation,
      order.idempotencyKey,
      { body: order.body, ...(order.author !== undefined && { author: order.author }) },
      { ...order.attributes, ...(followUp && followUpAttributes(followUp)) },
    );
    return sent(message, window, followUp ? "waiting" : "none");
  } catch (error) {
    if (followUp) {
      call.spendReserve();
      await claimWebhook(conversation, followUp.webhookSid).catch((cause: unknown) => {
        log.warn("receipt_webhook_left", { webhookSid: followUp.webhookSid, error: cause });
      });
    }
    throw error;
  }
}

/** Has the template follow the text should that come too late. None where there is no template or no room for it. */
async function arrangeFollowUp(order: Order, receipts: number): Promise<FollowUp | undefined> {
  const { conversation, template, author, attributes, idempotencyKey, log } = order;
  if (template === undefined) return undefined;
  const followUp = { template, receipts, ...(author !== undefined && { author }), webhookSid: "" };
  const kept = JSON.stringify({ ...attributes, ...followUpAttributes(followUp), idempotencyKey });
  const size = Buffer.byteLength(kept) + "WH".length + 32;
  const hasRoom = size <= LARGEST_ATTRIBUTES_BYTES;
  const webhookSid = hasRoom ? await listenForReceipts(conversation, order.receiptUrl) : undefined;
  if (webhookSid === undefined) {
    log.warn("no_follow_up", { reason: hasRoom ? "too_many_webhooks" : "attributes_too_large" });
    return undefined;
  }
  return { ...followUp, webhookSid };
}

/** The answer for a message that an earlier call has sent, after what its receipts may have left to do. */
async function answerExisting({ conversation }: Order, message: MessageInstance): Promise<Reply<Sent>> {
  const followUp = await followUpWindow(conversation, { messageSid: message.sid });
  return new Reply(200, { status: "existing", ...placeOf(message), followUp });
}

const sent = (message: MessageInstance, window: Window, followUp: "waiting" | "none"): Reply<Sent> =>
  new Reply(201, {
    status: "sent",
    ...placeOf(message),
    reason: `window_${window.state}`,
    windowClosesAt: window.closesAt?.toISOString() ?? null,
    followUp,
  });

const placeOf = (
  message: MessageInstance,
): Pick<Sent, "conversationSid" | "messageSid" | "index" | "sent"> => ({
  conversationSid: message.conversationSid,
  messageSid: message.sid,
  index: message.index,
  sent: message.contentSid ? "template" : "text",
});
