import type { ParticipantInstance } from "twilio/lib/rest/conversations/v1/conversation/participant.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import type { Call } from "../../core/call.ts";
import { exactlyOne, together } from "../../core/field-rules.ts";
import { handOver } from "../../core/group-mms/hand-over.ts";
import { defineHandler } from "../../core/handler.ts";
import { address, conversationKey, identity, requireOwn, sid, wholeNumber } from "../../core/input.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import type { Sid } from "../../core/sid.ts";
import { state } from "../../core/state/state.ts";
import { attachFlow, isOfFlow } from "../../core/twilio/attach-flow.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { removeIfPresent } from "../../core/twilio/once.ts";
import { createOrFindParticipant } from "../../core/twilio/participants.ts";
import { targetOf } from "../../core/twilio/target.ts";

/**
 * Transfers a conversation from one agent or Studio flow to another: the new one is added before the old one is removed, so
 * that one of them is always there. In a group text the new chat user gets the projected address of the old one.
 *
 * Safe to call again: an existing participant is not added, and a missing one is not removed. If a call fails halfway, both are
 * in the conversation, and the next call completes the transfer.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations, state },
  input: v.pipe(
    v.strictObject({
      /** The conversation. */
      conversationSid: conversationKey(),
      /** Whether this deployment must have created it; otherwise a 409. For unique names that a chat user could guess. */
      requireOwn: requireOwn(),
      /** The chat user to remove. */
      fromIdentity: v.optional(identity()),
      /** The address of the agent on a phone to remove. */
      fromAddress: v.optional(address()),
      /** The Studio flow to detach. */
      fromFlowSid: v.optional(sid("FW")),
      /** The chat user to add. */
      toIdentity: v.optional(identity()),
      /** The address of the agent on a phone to add, with `toProxyAddress`. */
      toAddress: v.optional(address()),
      /** The account's number that this agent writes to. */
      toProxyAddress: v.optional(address()),
      /** The Studio flow to attach. */
      toFlowSid: v.optional(sid("FW")),
      /** Index of the first earlier message that the flow receives. */
      replayAfter: v.optional(wholeNumber()),
    }),
    exactlyOne(["fromIdentity", "fromAddress", "fromFlowSid"]),
    exactlyOne(["toIdentity", "toAddress", "toFlowSid"]),
    together("toAddress", "toProxyAddress"),
  ),
  mayBeRepeated: () => true,
  async run({ conversationSid, requireOwn, ...input }, { conversations, state, call, log }) {
    try {
      const { conversation, conversationSid: sid } = await targetOf(
        { conversations, state },
        { conversationSid, requireOwn },
      );
      const present = await conversation.participants.list();
      const number = present.find(
        (one) => one.identity === input.fromIdentity && one.messagingBinding?.projected_address,
      );
      if (number !== undefined && input.toIdentity !== undefined) {
        if (input.toIdentity === input.fromIdentity) return answer(sid, false, false);
        await handOver(conversation.participants(number.sid), number, input.toIdentity, { call, log });
        return answer(sid, true, true);
      }
      const isAdded = await addNew(conversation, present, input, call);
      const isRemoved = await removeOld(conversation, present, input);
      return answer(sid, isAdded, isRemoved);
    } catch (error) {
      const field = ["toIdentity", "toAddress", "toFlowSid"].find((name) => Object.hasOwn(input, name));
      throw explainTwilioError(error, {
        ...omitUndefined({ field }),
        proxyField: "toProxyAddress",
        missingField: "conversationSid",
      });
    }
  },
});

const answer = (conversationSid: Sid<"CH">, added: boolean, removed: boolean) => ({
  status: added || removed ? ("transferred" as const) : ("unchanged" as const),
  conversationSid,
  /** Whether this call has added the new one. */
  added,
  /** Whether this call has removed the old one. */
  removed,
});

interface Parties {
  readonly fromIdentity?: string | undefined;
  readonly fromAddress?: string | undefined;
  readonly fromFlowSid?: Sid<"FW"> | undefined;
  readonly toIdentity?: string | undefined;
  readonly toAddress?: string | undefined;
  readonly toProxyAddress?: string | undefined;
  readonly toFlowSid?: Sid<"FW"> | undefined;
  readonly replayAfter?: number | undefined;
}

const isSamePerson =
  (identity: string | undefined, address: string | undefined) => (one: ParticipantInstance) =>
    identity === undefined ? one.messagingBinding?.address === address : one.identity === identity;

/** Adds the new agent or flow. @returns whether this call has added it. */
async function addNew(
  conversation: ConversationContext,
  present: readonly ParticipantInstance[],
  { toIdentity, toAddress, toProxyAddress, toFlowSid, replayAfter }: Parties,
  call: Call,
): Promise<boolean> {
  if (toFlowSid !== undefined) {
    const flow = { flowSid: toFlowSid, replayAfter };
    return (await attachFlow(conversation, flow, call)).isAdded;
  }
  const { participants } = conversation;
  const isNew = isSamePerson(toIdentity, toAddress);
  if (present.some(isNew)) return false;
  const find = async () => (await participants.list()).find(isNew);
  const create = () =>
    participants.create(
      omitUndefined({
        identity: toIdentity,
        "messagingBinding.address": toAddress,
        "messagingBinding.proxyAddress": toProxyAddress,
      }),
    );
  return (await createOrFindParticipant({ create, find, call })).isAdded;
}

/** Removes the old agent or flow. @returns whether this call has removed it. */
async function removeOld(
  { participants, webhooks }: ConversationContext,
  present: readonly ParticipantInstance[],
  { fromIdentity, fromAddress, fromFlowSid, toIdentity, toAddress, toFlowSid }: Parties,
): Promise<boolean> {
  if (fromFlowSid !== undefined) {
    if (fromFlowSid === toFlowSid) return false;
    const those = (await webhooks.list()).filter(isOfFlow(fromFlowSid));
    const removals = those.map(({ sid }) => removeIfPresent(() => webhooks(sid).remove()));
    return (await Promise.all(removals)).some(Boolean);
  }
  const old = present.find(isSamePerson(fromIdentity, fromAddress));
  const isSame = fromIdentity === toIdentity && fromAddress === toAddress;
  if (old === undefined || isSame) return false;
  return removeIfPresent(() => participants(old.sid).remove());
}
