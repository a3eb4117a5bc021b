import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { defineHandler } from "../../core/handler.ts";
import { conversationKey, requireOwn, wholeNumber } from "../../core/input.ts";
import { fitting } from "../../core/long-answer.ts";
import { state } from "../../core/state/state.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { messagesOf } from "../../core/twilio/messages.ts";
import { targetOf } from "../../core/twilio/target.ts";

/** One message always fits into an answer twice, even if every character must be escaped. */
const LONGEST_BODY = 4_000;
const CUT = "…";

/**
 * The last messages of a conversation, as text for a summary or a language model and as JSON (docs: Conversation message
 * resource). An answer stays under the 64 kB that Studio reads: if the messages do not fit, it contains the newest ones and
 * `before` for the next call. It only reads, so it is safe to repeat.
 */
export default defineHandler({
  access: backEnd("conversations:read"),
  use: { conversations, state },
  input: v.strictObject({
    /** The conversation. */
    conversationSid: conversationKey(),
    /** Whether this deployment must have created it; otherwise a 409. For unique names that a chat user could guess. */
    requireOwn: requireOwn(),
    /** The maximum number of messages, 1 to 100. */
    limit: v.optional(
      v.pipe(
        wholeNumber(),
        v.minValue(1, "must be at least 1"),
        v.maxValue(100, "must be at most 100"),
        v.description("a whole number from 1 to 100"),
      ),
      20,
    ),
    /** Only messages before this index: the `before` of an earlier answer. */
    before: v.optional(wholeNumber()),
  }),
  async run({ limit, before, ...target }, { conversations, state }) {
    try {
      const { conversation, conversationSid } = await targetOf({ conversations, state }, target);
      const { newest, hasMore } = await newestOf(conversation, limit, before);
      const shown = fitting(newest, (one) => [lineOf(one), JSON.stringify(one)]);
      const [oldest] = shown.slice(-1);
      const isWhole = !hasMore && shown.length === newest.length;
      const inOrder = shown.toReversed();
      return {
        status: "read" as const,
        conversationSid,
        /** The number of messages in the answer. */
        count: shown.length,
        /** A line for each message, oldest first: author and text. */
        text: inOrder.map(lineOf).join("\n"),
        /** The same as JSON text: a list of objects with `index`, `author`, `body`, `sentAt`, `media` and `isCut`. */
        messages: JSON.stringify(inOrder),
        /** Whether a text was too long, and ends with `…`. */
        isCut: shown.some(({ isCut }) => isCut),
        /** The `before` for earlier messages; `null` if there are none. */
        before: isWhole || oldest === undefined ? null : oldest.index,
      };
    } catch (error) {
      throw explainTwilioError(error, { field: "conversationSid" });
    }
  },
});

interface Shown {
  readonly index: number;
  readonly author: string;
  readonly body: string;
  /** ISO 8601. */
  readonly sentAt: string;
  /** Media types of its files. */
  readonly media: readonly string[];
  readonly isCut: boolean;
}

async function newestOf(
  conversation: ConversationContext,
  limit: number,
  before: number | undefined,
): Promise<{ readonly newest: Shown[]; readonly hasMore: boolean }> {
  const newest: Shown[] = [];
  for await (const message of messagesOf(conversation, "desc")) {
    if (before !== undefined && message.index >= before) continue;
    if (newest.length === limit) return { newest, hasMore: true };
    newest.push(shownOf(message));
  }
  return { newest, hasMore: false };
}

function shownOf({ index, author, body, dateCreated, media }: MessageInstance): Shown {
  // By characters, so that no surrogate pair is split.
  const characters = [...(body ?? "")];
  const isCut = characters.length > LONGEST_BODY;
  return {
    index,
    author: author ?? "",
    body: isCut ? `${characters.slice(0, LONGEST_BODY).join("")}${CUT}` : (body ?? ""),
    sentAt: dateCreated.toISOString(),
    media: ((media ?? []) as { content_type?: string }[]).map(({ content_type }) => content_type ?? "file"),
    isCut,
  };
}

const lineOf = ({ author, body, media }: Shown): string =>
  [`${author}:`, ...media.map((type) => `[${type}]`), ...(body === "" ? [] : [body])].join(" ");
