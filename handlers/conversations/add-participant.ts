import type { ParticipantInstance } from "twilio/lib/rest/conversations/v1/conversation/participant.js";
import * as v from "valibot";
import { bearer } from "../../core/access/bearer.ts";
import { signedByTwilio } from "../../core/access/signed-by-twilio.ts";
import { InvalidInput } from "../../core/errors.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import { address, attributes, conversationKey, identity, sid } from "../../core/input.ts";
import { conversationOf, conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError, isTwilioError } from "../../core/twilio/errors.ts";
import { createOnce } from "../../core/twilio/once.ts";

/** Twilio's errors for somebody who is there already: a chat user, and an address with its proxy. */
const ALREADY_THERE = [50433, 50416];

/**
 * Adds a chat user by identity, or a person by address and proxy address (docs: Conversation participant resource).
 *
 * Safe to call again: somebody who is in the conversation already is answered as `existing`. A pair that is in another
 * open conversation is a 409.
 */
export default defineHandler({
  access: signedByTwilio.or(bearer("conversations:write")),
  use: { conversations },
  input: v.strictObject({
    /** The conversation. */
    conversationSid: conversationKey(),
    /** A chat user. Either this, or `address` and `proxyAddress`. */
    identity: v.optional(identity()),
    /** Somebody on a phone or in a messenger. */
    address: v.optional(address()),
    /** The account's number that the person writes to. */
    proxyAddress: v.optional(address()),
    /** The participant's own. */
    attributes: v.optional(attributes()),
    /** The participant's role. The service's usual one unless given. */
    roleSid: v.optional(sid("RL")),
  }),
  async run(input, { conversations }) {
    if ((input.identity === undefined) === (input.address === undefined)) {
      throw new InvalidInput("Give either identity or address.", { field: "identity" });
    }
    if ((input.address === undefined) !== (input.proxyAddress === undefined)) {
      throw new InvalidInput("address and proxyAddress belong together.", { field: "proxyAddress" });
    }
    const { participants } = conversationOf(conversations, input.conversationSid);
    const isThem = ({ identity, messagingBinding }: ParticipantInstance) =>
      input.identity === undefined
        ? messagingBinding?.address === input.address &&
          messagingBinding?.proxy_address === input.proxyAddress
        : identity === input.identity;
    const find = async () => (await participants.list()).find(isThem);
    const create = () =>
      participants.create({
        ...(input.identity !== undefined && { identity: input.identity }),
        ...(input.address !== undefined && { "messagingBinding.address": input.address }),
        ...(input.proxyAddress !== undefined && { "messagingBinding.proxyAddress": input.proxyAddress }),
        ...(input.attributes !== undefined && { attributes: JSON.stringify(input.attributes) }),
        ...(input.roleSid !== undefined && { roleSid: input.roleSid }),
      });
    try {
      return new Reply(201, answer("added", await createOnce(create, find)));
    } catch (error) {
      const existing = ALREADY_THERE.some((code) => isTwilioError(error, { code }))
        ? await find()
        : undefined;
      if (existing) return answer("existing", existing);
      const field = input.identity === undefined ? "address" : "identity";
      throw explainTwilioError(error, { field, proxyField: "proxyAddress", missingField: "conversationSid" });
    }
  },
});

const answer = (status: "added" | "existing", { conversationSid, sid }: ParticipantInstance) => ({
  status,
  conversationSid,
  participantSid: sid,
});
