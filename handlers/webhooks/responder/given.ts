import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { OpeningHours } from "../../../core/opening-hours/opening-hours.ts";
import { isSentFor, type Outbox } from "../../../core/state/send-once.ts";
import { messagesUpTo } from "../../../core/twilio/messages.ts";
import { type Answer, closedKey } from "./decide.ts";

/** What the responder's messages are sent for. */
export const RESPONDER = "responder";

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
 * What counts are the keys in the responder's own records, each once, however many messages carry them.
 *
 * @param sentAt When the message was sent that is to be answered.
 */
export async function lookForAnswer(
  { conversation, conversationSid, state }: Outbox,
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
