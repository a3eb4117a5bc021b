import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import type { Call } from "../../../core/call.ts";
import { omitUndefined } from "../../../core/omit-undefined.ts";
import { PAGE_SIZE } from "../../../core/twilio/messages.ts";
import { nextTokenOf, pageAt } from "../../../core/twilio/pages.ts";
import type { MessagesPosition } from "./progress.ts";

/** A call reads at most this many pages of a conversation. */
const MOST_PAGES = 10;

/** The person's messages in a part of a conversation. `rest`: where the next part starts, if there is one. */
interface MessagesPart {
  readonly own: readonly MessageInstance[];
  readonly rest: MessagesPosition | undefined;
}

/**
 * Reads messages for at most half of the remaining time of the call: the other half is for what is done with them.
 *
 * Pages are read before anything in them is changed, since a page token may be invalid when the message at the page's edge is
 * deleted.
 */
export async function ownMessages(
  conversation: ConversationContext,
  isOwn: (message: MessageInstance) => boolean,
  from: MessagesPosition,
  call: Call,
): Promise<MessagesPart> {
  const until = (Date.now() + call.deadline) / 2;
  const own: MessageInstance[] = [];
  const read = (pageToken: string | undefined) =>
    conversation.messages.page(omitUndefined({ pageSize: PAGE_SIZE, pageToken }));
  let next = from.token;
  for (let pages = 1; ; pages++) {
    const { page } = await pageAt(read, next);
    own.push(...page.instances.filter(isOwn));
    next = nextTokenOf(page);
    if (next === undefined) return { own, rest: undefined };
    if (pages === MOST_PAGES || Date.now() > until)
      return { own, rest: { token: next, part: from.part + 1 } };
  }
}
