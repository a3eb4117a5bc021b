import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { parseAttributes } from "../twilio/attributes.ts";
import { sendUnlessSent } from "../twilio/marked-messages.ts";

const record = v.union([
  v.object({ author: v.exactOptional(v.string()), body: v.string(), mediaSid: v.exactOptional(v.string()) }),
  v.object({ author: v.exactOptional(v.string()), mediaSid: v.string() }),
  v.object({
    author: v.exactOptional(v.string()),
    contentSid: v.string(),
    contentVariables: v.exactOptional(v.string()),
  }),
]);

/**
 * The message that a conversation begins with as soon as everybody is in it: text, uploaded media or a content template,
 * and in whose name (in a group text that must be a member's identity or number). It waits in the conversation's
 * attributes, under {@link FIRST_MESSAGE_KEY}, since nothing can be sent while the conversation is `initializing` (docs:
 * Conversation with participants resource). `webhooks/post-event` sends it, which hears of a conversation only where the
 * request that makes it has `X-Twilio-Webhook-Enabled`.
 */
export type FirstMessage = v.InferOutput<typeof record>;

const FIRST_MESSAGE_KEY = "firstMessage";

/** Reads the waiting message, or `undefined` when there is none. */
export function readFirstMessage(attributes: string): FirstMessage | undefined {
  const read = v.safeParse(record, parseAttributes(attributes)[FIRST_MESSAGE_KEY]);
  return read.success ? read.output : undefined;
}

/** Attributes for a conversation that is about to be made, with the message that waits. */
export function writeFirstMessage(attributes: string, message: FirstMessage): string {
  return JSON.stringify({ ...parseAttributes(attributes), [FIRST_MESSAGE_KEY]: message });
}

/** Sends the waiting message unless it was sent. Two calls at one instant may both send, so it belongs into a turn. */
export const sendFirstMessage = (
  conversation: ConversationContext,
  message: FirstMessage,
): Promise<"sent" | "existing"> => sendUnlessSent(conversation, { purpose: "first-message" }, message);
