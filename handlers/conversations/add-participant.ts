import type { ParticipantInstance } from "twilio/lib/rest/conversations/v1/conversation/participant.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { exactlyOne, together } from "../../core/field-rules.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import { address, attributes, conversationKey, identity, requireOwn, sid } from "../../core/input.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { sidOf } from "../../core/sid.ts";
import { state } from "../../core/state/state.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { createOrFindParticipant } from "../../core/twilio/participants.ts";
import { targetOf } from "../../core/twilio/target.ts";

/**
 * Adds a chat user by identity, or a person by address and proxy address (docs: Conversation participant resource).
 *
 * Safe to call again: an existing participant is answered as `existing`. A pair that is in another
 * open conversation is a 409.
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
      /** A chat user. Either this, or `address` and `proxyAddress`. */
      identity: v.optional(identity()),
      /** A person on a phone or in a messenger. */
      address: v.optional(address()),
      /** The account's number that the person writes to. */
      proxyAddress: v.optional(address()),
      /** The participant's attributes. */
      attributes: v.optional(attributes()),
      /** The participant's role. The service's default if omitted. */
      roleSid: v.optional(sid("RL")),
    }),
    exactlyOne(["identity", "address"]),
    together("address", "proxyAddress"),
  ),
  mayBeRepeated: () => true,
  async run(input, { conversations, state, call }) {
    const isSamePerson = ({ identity, messagingBinding }: ParticipantInstance) =>
      input.identity === undefined
        ? messagingBinding?.address === input.address &&
          messagingBinding?.proxy_address === input.proxyAddress
        : identity === input.identity;
    const find = async ({ participants }: ConversationContext) =>
      (await participants.list()).find(isSamePerson);
    const create = ({ participants }: ConversationContext) =>
      participants.create(
        omitUndefined({
          identity: input.identity,
          "messagingBinding.address": input.address,
          "messagingBinding.proxyAddress": input.proxyAddress,
          attributes: input.attributes && JSON.stringify(input.attributes),
          roleSid: input.roleSid,
        }),
      );
    try {
      const { conversation } = await targetOf({ conversations, state }, input);
      const { participant, isAdded } = await createOrFindParticipant({
        create: () => create(conversation),
        find: () => find(conversation),
        call,
      });
      return isAdded ? new Reply(201, answer("added", participant)) : answer("existing", participant);
    } catch (error) {
      const field = input.identity === undefined ? "address" : "identity";
      throw explainTwilioError(error, { field, proxyField: "proxyAddress", missingField: "conversationSid" });
    }
  },
});

const answer = (status: "added" | "existing", { conversationSid, sid }: ParticipantInstance) => ({
  status,
  conversationSid: sidOf("CH", conversationSid),
  participantSid: sidOf("MB", sid),
});
