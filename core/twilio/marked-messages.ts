import type {
  MessageInstance,
  MessageListInstanceCreateOptions,
} from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import { parseAttributes } from "../attributes.ts";
import { createOnce } from "./once.ts";

const MESSAGES_TO_SEARCH = 100;

/** What a message was sent for, and where among the messages of the conversation to look for it. */
export interface Marker {
  readonly purpose: string;
  readonly among: "first" | "latest";
}

/**
 * Sends a message unless the one for this purpose is there already: among the conversation's first hundred or its
 * latest. The purpose is kept in the message's attributes as `sentFor`. Two calls at one instant may both send, so it
 * belongs into a turn.
 */
export async function sendUnlessSent(
  conversation: ConversationContext,
  { purpose, among }: Marker,
  content: Omit<MessageListInstanceCreateOptions, "attributes">,
): Promise<"sent" | "existing"> {
  const order = among === "first" ? "asc" : "desc";
  const find = async (): Promise<MessageInstance | undefined> => {
    const messages = await conversation.messages.list({ order, limit: MESSAGES_TO_SEARCH });
    return messages.find(({ attributes }) => sentFor(attributes) === purpose);
  };
  if (await find()) return "existing";
  const attributes = JSON.stringify({ sentFor: purpose });
  await createOnce(() => conversation.messages.create({ ...content, attributes }), find);
  return "sent";
}

/** The purpose that a message was sent for by {@link sendUnlessSent}, if it was. */
export function sentFor(attributes: string): string | undefined {
  const purpose = parseAttributes(attributes).sentFor;
  return typeof purpose === "string" ? purpose : undefined;
}
