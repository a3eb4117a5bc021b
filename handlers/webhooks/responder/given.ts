import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import { messagesUpTo } from "../../../core/twilio/messages.ts";
import { type Answer, closedKey } from "./decide.ts";
import { isMarked, markOf } from "./mark.ts";
import type { OpeningHours } from "./opening-hours.ts";

const HOUR_MS = 3_600_000;

/** What the responder has said. */
export interface Given {
  readonly isGiven: boolean;
  /** How many answers it gave in the hour before the message. */
  readonly inLastHour: number;
}

/**
 * Looks whether an answer was given already, among all messages that it can be: one to a keyword came after its message, one
 * of a closed period within that, and the default answer at any time, though it is one of the first things that are said.
 *
 * @param sentAt When the message was sent that is to be answered.
 */
export async function lookForAnswer(
  conversation: ConversationContext,
  { kind, key }: Answer,
  sentAt: Date,
  openingHours: OpeningHours | undefined,
): Promise<Given> {
  const hourAgo = sentAt.getTime() - HOUR_MS;
  const isOfHour = ({ dateCreated }: MessageInstance) => dateCreated.getTime() > hourAgo;
  const isOfPeriod = ({ dateCreated }: MessageInstance) =>
    kind === "closed" && openingHours !== undefined && closedKey(openingHours, dateCreated) === key;
  const isIt = ({ attributes }: MessageInstance) => markOf(attributes) === key;
  const recent = await messagesUpTo(conversation, "desc", (one) => !isOfHour(one) && !isOfPeriod(one));
  const inLastHour = recent.filter((one) => isMarked(one.attributes) && isOfHour(one)).length;
  const isGiven =
    recent.some(isIt) || (kind === "default" && (await messagesUpTo(conversation, "asc", isIt)).some(isIt));
  return { isGiven, inLastHour };
}
