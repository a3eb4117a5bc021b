import type {
  MessageInstance,
  MessagePage,
  MessageListInstanceCreateOptions as NewMessage,
} from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import { parseAttributes } from "./attributes.ts";
import { createOnce } from "./once.ts";

const KEY_ATTRIBUTE = "idempotencyKey";
/** Twilio's largest page. */
const PAGE_SIZE = 100;
const KEYS_COUNT_FOR_MS = 24 * 60 * 60 * 1_000;

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

/**
 * The message with that key.
 *
 * @param after Index of a message that it can only have come after. Without one, it is looked for among the messages of the
 *   last 24 hours, and among the latest hundred in any case.
 */
export async function findByKey(
  conversation: ConversationContext,
  key: string,
  after?: number,
): Promise<MessageInstance | undefined> {
  const since = Date.now() - KEYS_COUNT_FOR_MS;
  let read = 0;
  for await (const message of messagesOf(conversation, "desc")) {
    if (parseAttributes(message.attributes)[KEY_ATTRIBUTE] === key) return message;
    read++;
    const isOld = read >= PAGE_SIZE && message.dateCreated.getTime() < since;
    if (after === undefined ? isOld : message.index <= after) return undefined;
  }
  return undefined;
}

/** Whether a message was sent with a key, and so by a program, whoever stands as its author. */
export const hasKey = (attributes: string): boolean => KEY_ATTRIBUTE in parseAttributes(attributes);

/**
 * A conversation's messages, oldest (`asc`) or newest (`desc`) first. Each hundred takes a request, which is made when they
 * are wanted: whoever has found something leaves the loop.
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

/** The messages from one end of a conversation up to one, with that one; all of them when it is not there. */
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
