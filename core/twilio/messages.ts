import type {
  MessageInstance,
  MessageListInstanceCreateOptions as NewMessage,
} from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import { parseAttributes } from "../attributes.ts";
import { createOnce } from "./once.ts";

const KEY_ATTRIBUTE = "idempotencyKey";
/** Twilio's largest page, so that looking takes one request. */
const MESSAGES_TO_SEARCH = 100;

/**
 * Sends a message that carries a key in its attributes, by which it is found again when the answer to its create was
 * lost.
 *
 * @param key The caller's, or one that tells this call's message from others.
 * @param attributes What else the message's attributes hold.
 */
export function sendWithKey(
  conversation: ConversationContext,
  key: string,
  message: Omit<NewMessage, "attributes">,
  attributes: Readonly<Record<string, unknown>> = {},
): Promise<MessageInstance> {
  const marked = JSON.stringify({ ...attributes, [KEY_ATTRIBUTE]: key });
  return createOnce(
    () => conversation.messages.create({ ...message, attributes: marked }),
    () => findByKey(conversation, key),
  );
}

/** The message with that key, among the conversation's latest hundred. */
export async function findByKey(
  conversation: ConversationContext,
  key: string,
): Promise<MessageInstance | undefined> {
  const messages = await latestMessages(conversation);
  return messages.find(({ attributes }) => parseAttributes(attributes)[KEY_ATTRIBUTE] === key);
}

/** Whether a message was sent with a key, and so by a program, whoever stands as its author. */
export const hasKey = (attributes: string): boolean => KEY_ATTRIBUTE in parseAttributes(attributes);

/** The conversation's latest hundred messages, newest first. */
export const latestMessages = (conversation: ConversationContext): Promise<MessageInstance[]> =>
  conversation.messages.list({ order: "desc", limit: MESSAGES_TO_SEARCH });
