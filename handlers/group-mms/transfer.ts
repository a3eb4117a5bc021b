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
 * Hands a projected address of a group text to another chat user, or to nobody (docs: Group Texting in Conversations,
 * "Sharing a Projected Address in group texts"). The people in the group see the same number as before.
 *
 * When the new identity cannot be put there, the old one comes back. Safe to call again: what is so already is answered as
 * `unchanged`. Of two transfers at one instant one wins, and the other is a 409 or the later one.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations, state },
  input: v.strictObject({
    /** The conversation. */
    conversationSid: conversationKey(),
    /** Whether this deployment must have created it; otherwise a 409. For unique names that a chat user could guess. */
    requireOwn: requireOwn(),
    /** The number that is handed over. */
    projectedAddress: groupNumber(),
    /** Who gets it. Either this or `toNobody`. */
    identity: v.optional(identity()),
    /** Whether the number becomes a gateway that nobody is behind. */
    toNobody: v.optional(flag(), false),
  }),
  async run({ projectedAddress, identity, toNobody, ...target }, { conversations, state, call, log }) {
    if ((identity === undefined) !== toNobody) {
      const message = "Give identity, or toNobody=true for nobody.";
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
  /** Who has the number now. */
  readonly identity: string | null;
  /** Who had it. */
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
