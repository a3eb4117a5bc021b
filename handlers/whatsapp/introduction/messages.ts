import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import { messagesUpTo } from "../../../core/twilio/messages.ts";
import { createOnce } from "../../../core/twilio/once.ts";
import { isMarked, markerOf, type Purpose } from "./markers.ts";
import type { Content } from "./record.ts";

/**
 * Sends a message in the name of one of the two people, so that only the other one gets it: a message goes to every
 * participant but its author.
 *
 * @param author The WhatsApp address of the one who must not get it.
 */
export function sendMarked(
  conversation: ConversationContext,
  purpose: Purpose,
  author: string,
  content: Content,
): Promise<MessageInstance> {
  return createOnce(
    () => conversation.messages.create({ author, attributes: markerOf(purpose), ...content }),
    () => findMarked(conversation, purpose),
  );
}

/** The message that was sent for this purpose. It is near the beginning, where an introduction happens. */
export async function findMarked(
  conversation: ConversationContext,
  purpose: Purpose,
): Promise<MessageInstance | undefined> {
  const isIt = ({ attributes }: MessageInstance) => isMarked(attributes, purpose);
  return (await messagesUpTo(conversation, "asc", isIt)).find(isIt);
}
