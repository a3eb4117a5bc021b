import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { OpeningHours } from "../../../core/opening-hours/opening-hours.ts";
import { isSentFor, type SendContext } from "../../../core/state/send-once.ts";
import { messagesUpTo } from "../../../core/twilio/messages.ts";
import { type Answer, closedKey } from "./decide.ts";

/** Purpose of the responder's messages. */
export const RESPONDER = "responder";

const HOUR_MS = 3_600_000;

/** Earlier answers of the responder. */
export interface Given {
  readonly isGiven: boolean;
  /** The number of answers in the hour before the message. */
  readonly inLastHour: number;
}

/**
 * Checks whether an answer was already given, among all messages that it can be: an answer to a keyword after its message, one
 * of a closed period within that period, and the default answer at any time, but probably near the start. Counted are the keys
 * in the responder's own records, each once.
 *
 * @param sentAt When the message to answer was sent.
 */
export async function lookForAnswer(
  { conversation, conversationSid, state }: SendContext,
  { kind, key }: Answer,
  sentAt: Date,
  openingHours: OpeningHours | undefined,
): Promise<Given> {
  const hourAgo = sentAt.getTime() - HOUR_MS;
  const isOfHour = ({ dateCreated }: MessageInstance) => dateCreated.getTime() > hourAgo;
  const isOfPeriod = ({ dateCreated }: MessageInstance) =>
    kind === "closed" && openingHours !== undefined && closedKey(openingHours, dateCreated) === key;
  const wanted = state.messageKey(conversationSid, RESPONDER, key);
  const isIt = (message: MessageInstance) => state.keyOf(message) === wanted;
  const recent = await messagesUpTo(conversation, "desc", (one) => !isOfHour(one) && !isOfPeriod(one));
  const ofHour = recent.filter((one) => isOfHour(one) && isSentFor(state, RESPONDER, one));
  const isGiven =
    recent.some(isIt) || (kind === "default" && (await messagesUpTo(conversation, "asc", isIt)).some(isIt));
  return { isGiven, inLastHour: new Set(ofHour.map((one) => state.keyOf(one))).size };
}
