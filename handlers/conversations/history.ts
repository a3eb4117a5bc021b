import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { InvalidInput } from "../../core/errors.ts";
import { defineHandler } from "../../core/handler.ts";
import { conversationKey, requireOwn, wholeNumber } from "../../core/input.ts";
import { fitting } from "../../core/long-answer.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { state } from "../../core/state/state.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { PAGE_SIZE } from "../../core/twilio/messages.ts";
import { nextTokenOf, pageAt } from "../../core/twilio/pages.ts";
import { targetOf } from "../../core/twilio/target.ts";

/** One message always fits into an answer twice, even if every character must be escaped. */
const LONGEST_BODY = 4_000;
const CUT = "…";
/** A call looks for the message before which it starts on at most this many pages. */
const MOST_PAGES = 10;

const POSITION = "must be the before of an earlier answer, or a message's index";

/** A message's index, and the token of its page. */
const position = () =>
  v.pipe(
    v.union([v.number(), v.string()], POSITION),
    v.transform(String),
    v.regex(/^\d{1,15}(\.[\w-]{1,200})?$/, POSITION),
    v.transform((text): Position => {
      const [index, token] = text.split(".");
      return { index: Number(index), token };
    }),
  );

interface Position {
  readonly index: number;
  readonly token: string | undefined;
}

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
    /** Only messages before this one: the `before` of an earlier answer, or the index of one of the newest 1,000 messages. */
    before: v.optional(position()),
  }),
  async run({ limit, before, ...target }, { conversations, state }) {
    try {
      const { conversation, conversationSid } = await targetOf({ conversations, state }, target);
      const { newest, hasMore } = await newestOf(conversation, limit, before);
      const shown = fitting(newest, ({ shown }) => [lineOf(shown), JSON.stringify(shown)]);
      const [oldest] = shown.slice(-1);
      const isWhole = !hasMore && shown.length === newest.length;
      const inOrder = shown.toReversed();
      return {
        status: "read" as const,
        conversationSid,
        /** The number of messages in the answer. */
        count: shown.length,
        /** A line for each message, oldest first: author and text. */
        text: inOrder.map(({ shown }) => lineOf(shown)).join("\n"),
        /** The same as JSON text: a list of objects with `index`, `author`, `body`, `sentAt`, `media` and `isCut`. */
        messages: JSON.stringify(inOrder.map(({ shown }) => shown)),
        /** Whether a text was too long, and ends with `…`. */
        isCut: shown.some(({ shown: { isCut } }) => isCut),
        /** The `before` for earlier messages; `null` if there are none. */
        before: isWhole || oldest === undefined ? null : positionOf(oldest),
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

/** A message of the answer, and the token of its page. */
interface Found {
  readonly shown: Shown;
  readonly token: string | undefined;
}

const positionOf = ({ shown: { index }, token }: Found): string =>
  token === undefined ? String(index) : `${index}.${token}`;

/** Reads from the page of the position on, newest first: lists have no access by index. */
async function newestOf(
  { messages }: ConversationContext,
  limit: number,
  before: Position | undefined,
): Promise<{ readonly newest: Found[]; readonly hasMore: boolean }> {
  const newest: Found[] = [];
  const read = (pageToken: string | undefined) =>
    messages.page(omitUndefined({ order: "desc", pageSize: PAGE_SIZE, pageToken }));
  let next = before?.token;
  for (let pages = 1; ; pages++) {
    const { page, token } = await pageAt(read, next);
    for (const message of page.instances) {
      if (before !== undefined && message.index >= before.index) continue;
      if (newest.length === limit) return { newest, hasMore: true };
      newest.push({ shown: shownOf(message), token });
    }
    next = nextTokenOf(page);
    if (next === undefined) return { newest, hasMore: false };
    if (pages === MOST_PAGES && newest.length === 0) throw new InvalidInput(TOO_FAR, { field: "before" });
  }
}

const TOO_FAR =
  "before is too far from the newest message. Use the before of an earlier answer, which also contains its position.";

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
