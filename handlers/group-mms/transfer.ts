import type { ParticipantInstance } from "twilio/lib/rest/conversations/v1/conversation/participant.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { InvalidInput, NotFound } from "../../core/errors.ts";
import { handOver } from "../../core/group-mms/hand-over.ts";
import { defineHandler } from "../../core/handler.ts";
import { conversationKey, flag, identity, requireOwn } from "../../core/input.ts";
import { type Sid, sidOf } from "../../core/sid.ts";
import { state } from "../../core/state/state.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { targetOf } from "../../core/twilio/target.ts";
import { explainGroupError } from "./group/errors.ts";
import { groupNumber } from "./group/members.ts";

/**
 * Transfers a projected address of a group text to another chat user, or removes its identity (docs: Group Texting in Conversations,
 * "Sharing a Projected Address in group texts"). The people in the group see the same number as before.
 *
 * If the new identity cannot be set, the old one is restored. Safe to call again: the answer is `unchanged` if the identity is
 * already set. Of two concurrent transfers, either the second one replaces the first, or one of them is answered with 409.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations, state },
  input: v.strictObject({
    /** The conversation. */
    conversationSid: conversationKey(),
    /** Whether this deployment must have created it; otherwise a 409. For unique names that a chat user could guess. */
    requireOwn: requireOwn(),
    /** The number to transfer. */
    projectedAddress: groupNumber(),
    /** The chat user who gets it. Either this or `toNobody`. */
    identity: v.optional(identity()),
    /** Whether to remove the identity, so that the number has none. */
    toNobody: v.optional(flag(), false),
  }),
  mayBeRepeated: () => true,
  async run({ projectedAddress, identity, toNobody, ...target }, { conversations, state, call, log }) {
    if ((identity === undefined) !== toNobody) {
      const message = "Give identity, or toNobody=true to remove the identity.";
      throw new InvalidInput(message, { field: "identity" });
    }
    try {
      const { conversation } = await targetOf({ conversations, state }, target);
      const { participants } = conversation;
      const present = await participants.list();
      const holder = present.find(
        ({ messagingBinding }) => messagingBinding?.projected_address === projectedAddress,
      );
      if (holder === undefined) {
        const message = "No member of the conversation has this projected address.";
        throw new NotFound("projected_address_not_found", message, { field: "projectedAddress" });
      }
      if ((holder.identity ?? undefined) === identity) return answer("unchanged", holder, identity);
      await handOver(participants(holder.sid), holder, identity, { call, log });
      return answer("transferred", holder, identity);
    } catch (error) {
      throw explainGroupError(error, {
        field: "identity",
        proxyField: "projectedAddress",
        missingField: "conversationSid",
      });
    }
  },
});

/** The body of the answer. */
type Transfer = {
  readonly status: "transferred" | "unchanged";
  readonly conversationSid: Sid<"CH">;
  readonly participantSid: Sid<"MB">;
  /** The chat user who has the number now. */
  readonly identity: string | null;
  /** The chat user who had it before. */
  readonly previousIdentity: string | null;
};

const answer = (
  status: Transfer["status"],
  holder: ParticipantInstance,
  identity: string | undefined,
): Transfer => ({
  status,
  conversationSid: sidOf("CH", holder.conversationSid),
  participantSid: sidOf("MB", holder.sid),
  identity: identity ?? null,
  previousIdentity: holder.identity ?? null,
});
