import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import {
  findSent,
  type SendContext,
  type SendOptions,
  type Sent,
  sendOnce,
} from "../../../core/state/send-once.ts";
import type { State } from "../../../core/state/state.ts";
import type { Content } from "./record.ts";

/** The messages of an introduction, by purpose. */
export type Step = "invite" | "wait" | "connect" | "declined" | "unclear";

/** The messages of an introduction are at the start of its conversation. */
const onceOf = (step: Step) => ({ purpose: "opt-in", key: step, after: "start" }) as const;

/**
 * Sends a message with one of the two people as its author, so that only the other one receives it: a message is delivered
 * to every participant except its author.
 *
 * @param author The WhatsApp address of the person who must not receive it.
 */
export const sendStep = (
  sendContext: SendContext,
  step: Step,
  author: string,
  content: Content,
  options: SendOptions = {},
): Promise<Sent> => sendOnce(sendContext, onceOf(step), { author, ...content }, options);

/** The message that was sent for this step. */
export const findStep = (sendContext: SendContext, step: Step): Promise<MessageInstance | undefined> =>
  findSent(sendContext, onceOf(step));

/** Whether a message was sent for this step. */
export const isStep = (state: State, step: Step, message: MessageInstance): boolean =>
  state.keyOf(message) === state.messageKey(message.conversationSid, "opt-in", step);
