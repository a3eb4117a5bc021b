import type { MessageInstance, MessagePage } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";

/** Twilio's largest page. */
export const PAGE_SIZE = 100;

/**
 * A conversation's messages, oldest (`asc`) or newest (`desc`) first. Each hundred takes a request, which is sent when
 * they are needed: end the loop as soon as possible.
 */
export async function* messagesOf(
  conversation: ConversationContext,
  order: "asc" | "desc",
): AsyncGenerator<MessageInstance, void> {
  let page: Pick<MessagePage, "instances" | "nextPage"> | undefined = await conversation.messages.page({
    order,
    pageSize: PAGE_SIZE,
  });
  while (page) {
    yield* page.instances;
    page = await page.nextPage();
  }
}

/** The messages from one end of a conversation up to and including one; all messages when that one does not exist. */
export async function messagesUpTo(
  conversation: ConversationContext,
  order: "asc" | "desc",
  isLast: (message: MessageInstance) => boolean,
): Promise<MessageInstance[]> {
  const read: MessageInstance[] = [];
  for await (const message of messagesOf(conversation, order)) {
    read.push(message);
    if (isLast(message)) break;
  }
  return read;
}
