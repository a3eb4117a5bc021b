import type { ParticipantInstance } from "twilio/lib/rest/conversations/v1/conversation/participant.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { Conflict } from "../../core/errors.ts";
import { exactlyOne, needs } from "../../core/field-rules.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import { attributes, conversationKey, identity, requireOwn } from "../../core/input.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { sidOf } from "../../core/sid.ts";
import { state } from "../../core/state/state.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { createUnique } from "../../core/twilio/once.ts";
import { targetOf } from "../../core/twilio/target.ts";
import { explainGroupError } from "./group/errors.ts";
import { groupNumber, IDENTITY_NEEDS_NUMBER, LARGEST_GROUP } from "./group/members.ts";

/**
 * Adds a member to a group text, or turns a conversation of two into one: a person by their number, a chat user with a
 * projected address, or such a number alone (docs: Group Texting in Conversations).
 *
 * Safe to call again: an existing member is answered as `existing`. Members are identified by their number: a number that
 * belongs to another identity is a 409; use `group-mms/transfer` for that.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations, state },
  refuseEmpty: ["identity"],
  input: v.pipe(
    v.strictObject({
      /** The conversation. */
      conversationSid: conversationKey(),
      /** Whether this deployment must have created it; otherwise a 409. For unique names that a chat user could guess. */
      requireOwn: requireOwn(),
      /** A person's number. */
      address: v.optional(groupNumber()),
      /** A number of the account. Either this or `address`. */
      projectedAddress: v.optional(groupNumber()),
      /** The chat user of `projectedAddress`. May be omitted, but not empty: without it the number is a gateway. */
      identity: v.optional(identity()),
      /** The participant's attributes. */
      attributes: v.optional(attributes()),
    }),
    exactlyOne(["address", "projectedAddress"]),
    needs("identity", "projectedAddress", IDENTITY_NEEDS_NUMBER),
  ),
  mayBeRepeated: () => true,
  async run(input, { conversations, state, call }) {
    const { address, projectedAddress, identity } = input;
    const field = address === undefined ? "projectedAddress" : "address";
    const isSamePerson = ({ messagingBinding }: ParticipantInstance) =>
      address === undefined
        ? messagingBinding?.projected_address === projectedAddress
        : messagingBinding?.address === address;
    const create = ({ participants }: ConversationContext) =>
      participants.create(
        omitUndefined({
          "messagingBinding.address": address,
          "messagingBinding.projectedAddress": projectedAddress,
          identity,
          attributes: input.attributes && JSON.stringify(input.attributes),
        }),
      );
    try {
      const { conversation } = await targetOf({ conversations, state }, input);
      const list = () => conversation.participants.list();
      const present = await list();
      const existing = present.find(isSamePerson);
      if (existing) return answerExisting(existing, identity, present.length);
      checkRoom(present);
      const added = await createUnique({
        create: () => create(conversation),
        find: async () => (await list()).find(isSamePerson),
        call,
      });
      return new Reply(201, answer("added", added, present.length + 1));
    } catch (error) {
      throw explainGroupError(error, {
        field,
        proxyField: "projectedAddress",
        missingField: "conversationSid",
      });
    }
  },
});

/** Twilio's own errors name neither the person nor a solution. */
function checkRoom(present: readonly ParticipantInstance[]): void {
  const behindProxy = present.find(({ messagingBinding }) => messagingBinding?.proxy_address);
  if (behindProxy !== undefined) {
    const message =
      `${behindProxy.messagingBinding.address} writes through a proxy address and sees one sender, not a group. Remove ` +
      "them with conversations/remove-participant and add them here, by their address alone.";
    const conversationSid = sidOf("CH", behindProxy.conversationSid);
    throw new Conflict("not_a_group_text", message, { field: "conversationSid", conversationSid });
  }
  if (present.length >= LARGEST_GROUP) {
    const message = `A group text has at most ${LARGEST_GROUP} members.`;
    throw new Conflict("group_full", message, { field: "conversationSid" });
  }
}

function answerExisting(existing: ParticipantInstance, identity: string | undefined, members: number) {
  if (identity === undefined || existing.identity === identity) return answer("existing", existing, members);
  const message =
    "Another participant of this group has the number. Call group-mms/transfer to hand it over.";
  const conversationSid = sidOf("CH", existing.conversationSid);
  throw new Conflict("number_taken", message, { field: "projectedAddress", conversationSid });
}

const answer = (
  status: "added" | "existing",
  { conversationSid, sid }: ParticipantInstance,
  members: number,
) => ({
  status,
  conversationSid: sidOf("CH", conversationSid),
  participantSid: sidOf("MB", sid),
  members,
});
