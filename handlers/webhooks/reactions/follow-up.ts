import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ParticipantInstance } from "twilio/lib/rest/conversations/v1/conversation/participant.js";
import * as v from "valibot";
import { isSentFor, sendOnce } from "../../../core/state/send-once.ts";
import { parseAttributes } from "../../../core/twilio/attributes.ts";
import { closeConversation } from "../../../core/twilio/conversations.ts";
import { type FailureKind, isOfKind } from "../../../core/twilio/delivery-errors.ts";
import { isTwilioError, noneIf404 } from "../../../core/twilio/errors.ts";
import { createUnique, repeatWhileUncertain } from "../../../core/twilio/once.ts";
import type { EventOf } from "./event.ts";
import { type Reaction, type ReactionContext, reaction, sendContextOf } from "./reaction.ts";

export const FOLLOW_UPS = ["tell-agent", "retry-on-another-channel", "close", "nothing"] as const;

/** What to do about messages that fail with one of these errors, or with any error if none are named. */
export interface FollowUpRule {
  readonly errors?: readonly (FailureKind | number)[] | undefined;
  readonly do: (typeof FOLLOW_UPS)[number];
}

/** A message that did not reach one of the participants. */
interface Failure {
  readonly event: EventOf<"onDeliveryUpdated">;
  readonly message: MessageInstance;
  /** The participant that it did not reach. */
  readonly recipient: ParticipantInstance;
  readonly participants: readonly ParticipantInstance[];
  readonly context: ReactionContext;
}

const RETRY = "retry";

/**
 * Follows up a message that was not delivered, by the first rule that names its error (docs: Delivery receipts). If the action
 * of a rule would affect other participants, the agent is informed instead.
 *
 * Under the conversation's lock, each action checks first whether it was already done: a retry is found by its record. A retry
 * that fails is never followed up. `failed` and `undelivered` are final, so no late event changes them.
 */
export const followUp = (rules: readonly FollowUpRule[]): Reaction =>
  reaction({
    name: "followUp",
    on: "onDeliveryUpdated",
    needsTurn: true,
    concerns: ({ Status, ErrorCode }) =>
      (Status === "failed" || Status === "undelivered") && wanted(rules, ErrorCode) !== "nothing",
    async react(event, context) {
      if (context.found.state === "closed") return "too_late";
      const [message, participants] = await Promise.all([
        context.conversation.messages(event.MessageSid).fetch().catch(noneIf404),
        context.conversation.participants.list(),
      ]);
      const recipient = participants.find(({ sid }) => sid === event.ParticipantSid);
      if (message === undefined || recipient === undefined) return "gone";
      if (isSentFor(context.state, RETRY, message)) return "retry_failed";
      return STEPS[wanted(rules, event.ErrorCode)]({ event, message, recipient, participants, context });
    },
  });

function wanted(rules: readonly FollowUpRule[], errorCode: number): FollowUpRule["do"] {
  const names = (error: FailureKind | number) =>
    typeof error === "number" ? error === errorCode : isOfKind(errorCode, error);
  return rules.find(({ errors }) => errors === undefined || errors.some(names))?.do ?? "nothing";
}

const STEPS: Record<FollowUpRule["do"], (failure: Failure) => Promise<string>> = {
  "tell-agent": tellAgent,
  "retry-on-another-channel": retryOnAnotherChannel,
  close,
  nothing: async () => "nothing",
};

/**
 * Records the failure in the message's attributes, under `deliveryFailures` by participant: apps see the message change. A
 * message to the agent would also be sent to all phones in the conversation.
 */
async function tellAgent({ event, message, context }: Failure): Promise<string> {
  const attributes = parseAttributes(message.attributes);
  const failures: unknown = attributes.deliveryFailures;
  const others = typeof failures === "object" ? failures : {};
  const failure = { status: event.Status, errorCode: event.ErrorCode };
  const changed = JSON.stringify({
    ...attributes,
    deliveryFailures: { ...others, [event.ParticipantSid]: failure },
  });
  await repeatWhileUncertain(() =>
    context.conversation.messages(message.sid).update({ attributes: changed }),
  );
  return "agent_told";
}

const isOnPhone = ({ messagingBinding }: ParticipantInstance): boolean => messagingBinding !== null;

/** Closes the conversation, unless another person on a phone is in it. */
async function close(failure: Failure): Promise<string> {
  const { participants, recipient, context } = failure;
  if (participants.some((one) => isOnPhone(one) && one.sid !== recipient.sid)) return tellAgent(failure);
  await closeConversation(context.conversation);
  return "closed";
}

const otherChannel = v.object({ address: v.string(), proxyAddress: v.string() });

/** For an address that Twilio rejects, or that is in another conversation already. */
function noneIfRejected(error: unknown): undefined {
  if (!isTwilioError(error) || error.status === 429 || error.status >= 500) throw error;
}

/**
 * Adds the recipient again with the address that their attributes name as `otherChannel`, and sends the message again. It goes
 * to all participants, so only if no other person on a phone would receive it twice; and only text, since Twilio does not return a template's
 * variables.
 */
async function retryOnAnotherChannel(failure: Failure): Promise<string> {
  const { message, recipient, participants, context } = failure;
  const { conversation, call } = context;
  const read = v.safeParse(otherChannel, parseAttributes(recipient.attributes).otherChannel);
  if (!read.success || !message.body || message.contentSid) return tellAgent(failure);
  const { address, proxyAddress } = read.output;
  const isOther = ({ messagingBinding }: ParticipantInstance) =>
    messagingBinding?.address === address && messagingBinding?.proxy_address === proxyAddress;
  const there = participants.find(isOther);
  // Their own message, from the one channel to the other.
  if (there && there.sid === message.participantSid) return "sent_there_already";
  const bystander = (one: ParticipantInstance) =>
    isOnPhone(one) && one.sid !== recipient.sid && one.sid !== message.participantSid && !isOther(one);
  if (participants.some(bystander)) return tellAgent(failure);

  if (there === undefined) {
    const create = () =>
      conversation.participants.create({
        "messagingBinding.address": address,
        "messagingBinding.proxyAddress": proxyAddress,
      });
    const find = async () => (await conversation.participants.list()).find(isOther);
    const added = await createUnique({ create, find, call }).catch(noneIfRejected);
    if (added === undefined) return tellAgent(failure);
  } else {
    const receipts = await conversation.messages(message.sid).deliveryReceipts.list();
    if (receipts.some(({ participantSid }) => participantSid === there.sid)) return "sent_there_already";
  }
  const { sid: key, author, body, index: after } = message;
  const { status } = await sendOnce(sendContextOf(context), { purpose: RETRY, key, after }, { author, body });
  return status === "sent" ? "retried" : "existing";
}
