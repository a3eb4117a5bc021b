import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import { type Sid, sidOf } from "../sid.ts";

const PAGE_SIZE = 100;
const RECEIPTS_AT_ONCE = 8;
const MEDIA_URL = "https://mcs.us1.twilio.com/v1/Services";

/**
 * Collects all data of a conversation as JSON lines, each with its `kind`: the `conversation`, each `participant`, each
 * `message` with its media links and delivery receipts, and at the `end` the number of messages. A media link works, with the
 * account's credentials, as long as the file exists (docs: Conversations media resource).
 */
export async function archiveOf(conversation: ConversationContext): Promise<string> {
  const [found, participants] = await Promise.all([conversation.fetch(), conversation.participants.list()]);
  const lines = [
    line("conversation", found.toJSON()),
    ...participants.map((participant) => line("participant", participant.toJSON())),
  ];
  const messages = await conversation.messages.list({ pageSize: PAGE_SIZE });
  lines.push(...(await messageLines(conversation, sidOf("IS", found.chatServiceSid), messages)));
  return textOf([...lines, line("end", { messages: messages.length })]);
}

/** The lines of messages, in the same order. */
export async function messageLines(
  conversation: ConversationContext,
  serviceSid: Sid<"IS">,
  messages: readonly MessageInstance[],
): Promise<string[]> {
  const lines: string[] = [];
  for (let start = 0; start < messages.length; start += RECEIPTS_AT_ONCE) {
    const some = messages.slice(start, start + RECEIPTS_AT_ONCE);
    lines.push(...(await Promise.all(some.map((message) => messageLine(conversation, serviceSid, message)))));
  }
  return lines;
}

/** The content of a file with these lines. */
export const textOf = (lines: readonly string[]): string => `${lines.join("\n")}\n`;

/** A line: its kind, and the fields of a resource. */
export const line = (kind: string, fields: object): string => JSON.stringify({ kind, ...fields });

async function messageLine(
  conversation: ConversationContext,
  serviceSid: Sid<"IS">,
  message: MessageInstance,
): Promise<string> {
  // Only messages to recipients outside of chat have a delivery summary and receipts.
  const receipts =
    message.delivery === null ? [] : await conversation.messages(message.sid).deliveryReceipts.list();
  const media = (message.media ?? []).map((file: { sid: string }) => ({
    ...file,
    url: `${MEDIA_URL}/${serviceSid}/Media/${file.sid}`,
  }));
  return line("message", {
    ...message.toJSON(),
    media,
    receipts: receipts.map((receipt) => receipt.toJSON()),
  });
}
