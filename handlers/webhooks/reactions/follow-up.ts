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
import { outboxOf, type Reaction, reaction, type Scene } from "./reaction.ts";

export const FOLLOW_UPS = ["tell-agent", "retry-on-another-channel", "close", "nothing"] as const;

/** What to do about messages that fail with one of these errors; about all, where none are named. */
export interface FollowUpRule {
  readonly errors?: readonly (FailureKind | number)[] | undefined;
  readonly do: (typeof FOLLOW_UPS)[number];
}

/** A message that did not reach one of the participants. */
interface Failure {
  readonly event: EventOf<"onDeliveryUpdated">;
  readonly message: MessageInstance;
  /** Whom it did not reach. */
  readonly recipient: ParticipantInstance;
  readonly participants: readonly ParticipantInstance[];
  readonly scene: Scene;
}

const RETRY = "retry";

/**
 * Follows up a message that did not arrive, by the first rule that names its error (docs: Delivery receipts). What a rule
 * asks for and cannot be done without harm to others becomes a word to the agent.
 *
 * Within a turn, each step looks first: a note is there or written, a retry is found by its marker, closing is said once.
 * A retry that fails is never followed up. `failed` and `undelivered` are final, so no late event takes them back.
 */
export const followUp = (rules: readonly FollowUpRule[]): Reaction =>
  reaction({
    name: "followUp",
    on: "onDeliveryUpdated",
    needsTurn: true,
    concerns: ({ Status, ErrorCode }) =>
      (Status === "failed" || Status === "undelivered") && wanted(rules, ErrorCode) !== "nothing",
    async react(event, scene) {
      if (scene.found.state === "closed") return "too_late";
      const [message, participants] = await Promise.all([
        scene.conversation.messages(event.MessageSid).fetch().catch(noneIf404),
        scene.conversation.participants.list(),
      ]);
      const recipient = participants.find(({ sid }) => sid === event.ParticipantSid);
      if (message === undefined || recipient === undefined) return "gone";
      if (isSentFor(scene.state, RETRY, message)) return "retry_failed";
      return STEPS[wanted(rules, event.ErrorCode)]({ event, message, recipient, participants, scene });
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
 * Notes the failure in the message's own attributes, under `deliveryFailures` by participant: apps see the message
 * change. A message to the agent would go to everybody's phone, too.
 */
async function tellAgent({ event, message, scene }: Failure): Promise<string> {
  const attributes = parseAttributes(message.attributes);
  const failures: unknown = attributes.deliveryFailures;
  const others = typeof failures === "object" ? failures : {};
  const failure = { status: event.Status, errorCode: event.ErrorCode };
  const changed = JSON.stringify({
    ...attributes,
    deliveryFailures: { ...others, [event.ParticipantSid]: failure },
  });
  await repeatWhileUncertain(() => scene.conversation.messages(message.sid).update({ attributes: changed }));
  return "agent_told";
}

const isOnPhone = ({ messagingBinding }: ParticipantInstance): boolean => messagingBinding !== null;

/** Closes, unless that would take the conversation from somebody else on a phone. */
async function close(failure: Failure): Promise<string> {
  const { participants, recipient, scene } = failure;
  if (participants.some((one) => isOnPhone(one) && one.sid !== recipient.sid)) return tellAgent(failure);
  await closeConversation(scene.conversation);
  return "closed";
}

const otherChannel = v.object({ address: v.string(), proxyAddress: v.string() });

/** For an address that Twilio does not take, or with which they are in another conversation already. */
function noneIfRefused(error: unknown): undefined {
  if (!isTwilioError(error) || error.status === 429 || error.status >= 500) throw error;
}

/**
 * Adds the recipient once more under the address that their attributes name as `otherChannel`, and says the message again.
 * It goes to everybody, so only where nobody else on a phone would read it twice; and only text, since Twilio does not
 * give back what a template's variables were.
 */
async function retryOnAnotherChannel(failure: Failure): Promise<string> {
  const { message, recipient, participants, scene } = failure;
  const { conversation } = scene;
  const read = v.safeParse(otherChannel, parseAttributes(recipient.attributes).otherChannel);
  if (!read.success || !message.body || message.contentSid) return tellAgent(failure);
  const { address, proxyAddress } = read.output;
  const isOther = ({ messagingBinding }: ParticipantInstance) =>
    messagingBinding?.address === address && messagingBinding?.proxy_address === proxyAddress;
  const there = participants.find(isOther);
  // Their own words, on the way from the one channel to the other.
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
    const added = await createUnique(create, find).catch(noneIfRefused);
    if (added === undefined) return tellAgent(failure);
  } else {
    const receipts = await conversation.messages(message.sid).deliveryReceipts.list();
    if (receipts.some(({ participantSid }) => participantSid === there.sid)) return "sent_there_already";
  }
  const { sid: key, author, body, index: after } = message;
  const { status } = await sendOnce(outboxOf(scene), { purpose: RETRY, key, after }, { author, body });
  return status === "sent" ? "retried" : "existing";
}
