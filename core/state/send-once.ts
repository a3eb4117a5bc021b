import type {
  MessageInstance,
  MessageListInstanceCreateOptions as NewMessage,
} from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import type { Call } from "../call.ts";
import type { Sid } from "../sid.ts";
import { messagesOf, PAGE_SIZE } from "../twilio/messages.ts";
import { createCarefully, searchUntilSettled } from "../twilio/once.ts";
import type { State } from "./state.ts";

/** What is needed to send a message in a conversation. */
export interface SendContext {
  readonly state: State;
  readonly conversation: ConversationContext;
  readonly conversationSid: Sid<"CH">;
  readonly call: Call;
  /**
   * If an earlier attempt has sent a message and its outcome is unknown: when that request is taken as lost, in milliseconds
   * since the epoch. Until then, messages are searched for before they are sent.
   */
  readonly settlesAt?: number | undefined;
}

/** What identifies a message, and where to search for it. */
export interface Once {
  readonly purpose: string;
  /** There is one message for a key within a purpose and a conversation. */
  readonly key: string;
  /**
   * Where to search: after the message of this index, after this time, or from the start of the conversation. If omitted,
   * among the messages of the last 24 hours, and in any case the latest hundred.
   */
  readonly after?: number | Date | "start";
}

/** Options of {@link sendOnce}. */
export interface SendOptions {
  /** The message's other attributes. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Whether the key belongs to this call only, so that no message can have it yet. */
  readonly isNew?: boolean;
}

/** The message, and whether this call has sent it. */
export interface Sent {
  readonly status: "sent" | "existing";
  readonly message: MessageInstance;
}

/** Twilio's default author. */
const DEFAULT_AUTHOR = "system";
const KEYS_COUNT_FOR_MS = 24 * 60 * 60 * 1_000;

/**
 * Sends a message unless there is one with this key. The key is part of the message's record, which is bound to the
 * conversation and the author: a copy of it in a chat user's own message is invalid. Two concurrent calls may both send,
 * so where two can have the same key, call it within `inTurn`.
 */
export async function sendOnce(
  sendContext: SendContext,
  once: Once,
  message: Omit<NewMessage, "attributes">,
  options: SendOptions = {},
): Promise<Sent> {
  const { state, conversation, conversationSid, call, settlesAt = 0 } = sendContext;
  const { attributes, isNew = false } = options;
  const find = () => findSent(sendContext, once);
  const earlier = isNew ? undefined : await searchUntilSettled({ find, call }, settlesAt);
  if (earlier) return { status: "existing", message: earlier };
  const key = state.messageKey(conversationSid, once.purpose, once.key);
  const author = message.author ?? DEFAULT_AUTHOR;
  const marked = state.forMessage(conversationSid, author, key, attributes);
  const create = () => conversation.messages.create({ ...message, attributes: marked });
  return { status: "sent", message: await createCarefully({ create, find, call, isMessage: true }) };
}

/** The message that was sent with this key. */
export async function findSent(sendContext: SendContext, once: Once): Promise<MessageInstance | undefined> {
  const { state, conversation, conversationSid } = sendContext;
  const key = state.messageKey(conversationSid, once.purpose, once.key);
  let read = 0;
  for await (const message of messagesOf(conversation, once.after === "start" ? "asc" : "desc")) {
    if (state.keyOf(message) === key) return message;
    read++;
    if (isBefore(message, once.after, read)) return undefined;
  }
  return undefined;
}

/** Whether no older message can have the key. */
function isBefore({ index, dateCreated }: MessageInstance, after: Once["after"], read: number): boolean {
  if (after === "start") return false;
  if (typeof after === "number") return index <= after;
  if (after instanceof Date) return dateCreated < after;
  return read >= PAGE_SIZE && dateCreated.getTime() < Date.now() - KEYS_COUNT_FOR_MS;
}

/** Whether a message was sent by {@link sendOnce} for this purpose. */
export const isSentFor = (state: State, purpose: string, message: Parameters<State["keyOf"]>[0]): boolean =>
  state.keyOf(message)?.startsWith(`${purpose}:`) ?? false;
