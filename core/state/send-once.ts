import type {
  MessageInstance,
  MessageListInstanceCreateOptions as NewMessage,
} from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import type { Call } from "../call.ts";
import type { Sid } from "../sid.ts";
import { messagesOf, PAGE_SIZE } from "../twilio/messages.ts";
import { createCarefully } from "../twilio/once.ts";
import type { State } from "./state.ts";

/** Where a message is sent, and for whom. */
export interface Outbox {
  readonly state: State;
  readonly conversation: ConversationContext;
  readonly conversationSid: Sid<"CH">;
  readonly call: Call;
}

/** What a message is sent for, and where to look for it. */
export interface Once {
  readonly purpose: string;
  /** Within a purpose and a conversation, there is one message for a key. */
  readonly key: string;
  /**
   * Where it can only be: after the message of this index, after this moment, or among the messages that the conversation
   * begins with. Without, it is looked for among the messages of the last 24 hours, and the latest hundred in any case.
   */
  readonly after?: number | Date | "start";
}

/** How it is sent. */
export interface SendOptions {
  /** What else the message's attributes hold. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Whether the key belongs to this call alone, so that no message has it yet. */
  readonly isNew?: boolean;
  /** See {@link createCarefully}. */
  readonly mayBeRepeated?: boolean;
  readonly isTakenBack?: boolean;
}

/** A message that is there. */
export interface Sent {
  readonly status: "sent" | "existing";
  readonly message: MessageInstance;
}

/** In whose name Twilio has a message that names nobody. */
const NOBODY = "system";
const KEYS_COUNT_FOR_MS = 24 * 60 * 60 * 1_000;

/**
 * Sends a message unless the one for this key is there. The key stands in the message's record, which is bound to the
 * conversation and the author: a chat user who copies it into a message of their own gains nothing. Two calls at one
 * instant may both send, so it belongs into a turn where two can have one key.
 */
export async function sendOnce(
  outbox: Outbox,
  once: Once,
  message: Omit<NewMessage, "attributes">,
  options: SendOptions = {},
): Promise<Sent> {
  const { state, conversation, conversationSid, call } = outbox;
  const { attributes, isNew = false, mayBeRepeated = true, isTakenBack = false } = options;
  const find = () => findSent(outbox, once);
  const earlier = isNew ? undefined : await find();
  if (earlier) return { status: "existing", message: earlier };
  const key = state.messageKey(conversationSid, once.purpose, once.key);
  const author = message.author ?? NOBODY;
  const marked = state.forMessage(conversationSid, author, key, attributes);
  const create = () => conversation.messages.create({ ...message, attributes: marked });
  return {
    status: "sent",
    message: await createCarefully({ create, find, call, mayBeRepeated, isTakenBack }),
  };
}

/** The message that was sent for this key. */
export async function findSent(outbox: Outbox, once: Once): Promise<MessageInstance | undefined> {
  const { state, conversation, conversationSid } = outbox;
  const key = state.messageKey(conversationSid, once.purpose, once.key);
  let read = 0;
  for await (const message of messagesOf(conversation, once.after === "start" ? "asc" : "desc")) {
    if (state.keyOf(message) === key) return message;
    read++;
    if (isBefore(message, once.after, read)) return undefined;
  }
  return undefined;
}

/** Whether the message is older than any that can have the key, or the first that is not. */
function isBefore({ index, dateCreated }: MessageInstance, after: Once["after"], read: number): boolean {
  if (after === "start") return false;
  if (typeof after === "number") return index <= after;
  if (after instanceof Date) return dateCreated < after;
  return read >= PAGE_SIZE && dateCreated.getTime() < Date.now() - KEYS_COUNT_FOR_MS;
}

/** Whether a message was sent by {@link sendOnce} for some key of this purpose. */
export const isSentFor = (state: State, purpose: string, message: Parameters<State["keyOf"]>[0]): boolean =>
  state.keyOf(message)?.startsWith(`${purpose}:`) ?? false;
