import type {
  MessageInstance,
  MessageListInstanceCreateOptions,
} from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import { parseAttributes } from "./attributes.ts";
import { messagesUpTo } from "./messages.ts";
import { createOnce } from "./once.ts";

/** What a message is sent for. */
export interface Marker {
  readonly purpose: string;
  /** Index of the message that it follows. Without one, it is one of those that a conversation begins with. */
  readonly after?: number;
}

/**
 * Sends a message unless the one for this purpose is there already. The purpose is kept in the message's attributes as
 * `sentFor`. All messages are looked at among which it may be. Two calls at one instant may both send, so it belongs into
 * a turn.
 */
export async function sendUnlessSent(
  conversation: ConversationContext,
  { purpose, after }: Marker,
  content: Omit<MessageListInstanceCreateOptions, "attributes">,
): Promise<"sent" | "existing"> {
  const isIt = ({ attributes }: MessageInstance) => sentFor(attributes) === purpose;
  const find = async (): Promise<MessageInstance | undefined> => {
    const messages =
      after === undefined
        ? await messagesUpTo(conversation, "asc", isIt)
        : await messagesUpTo(conversation, "desc", (message) => isIt(message) || message.index <= after);
    return messages.find(isIt);
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
