import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import {
  findSent,
  type Outbox,
  type SendOptions,
  type Sent,
  sendOnce,
} from "../../../core/state/send-once.ts";
import type { State } from "../../../core/state/state.ts";
import type { Content } from "./record.ts";

/** The messages of an introduction, by what each is for. */
export type Step = "invite" | "wait" | "connect" | "declined" | "unclear";

/** An introduction happens near the beginning of its conversation. */
const onceOf = (step: Step) => ({ purpose: "opt-in", key: step, after: "start" }) as const;

/**
 * Sends a message in the name of one of the two people, so that only the other one gets it: a message goes to every
 * participant but its author.
 *
 * @param author The WhatsApp address of the one who must not get it.
 */
export const sendStep = (
  outbox: Outbox,
  step: Step,
  author: string,
  content: Content,
  options: SendOptions = {},
): Promise<Sent> => sendOnce(outbox, onceOf(step), { author, ...content }, options);

/** The message that was sent for this step. */
export const findStep = (outbox: Outbox, step: Step): Promise<MessageInstance | undefined> =>
  findSent(outbox, onceOf(step));

/** Whether a message is that of a step. */
export const isStep = (state: State, step: Step, message: MessageInstance): boolean =>
  state.keyOf(message) === state.messageKey(message.conversationSid, "opt-in", step);
