import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";

/** Twilio's largest page, so that looking takes one request. */
const MESSAGES_TO_SEARCH = 100;

/** The conversation's latest hundred messages, newest first. */
export const latestMessages = (conversation: ConversationContext): Promise<MessageInstance[]> =>
  conversation.messages.list({ order: "desc", limit: MESSAGES_TO_SEARCH });
