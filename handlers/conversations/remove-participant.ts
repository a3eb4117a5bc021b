import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { exactlyOne } from "../../core/field-rules.ts";
import { defineHandler } from "../../core/handler.ts";
import { address, conversationKey, identity, requireOwn, sid } from "../../core/input.ts";
import { type Sid, sidOf } from "../../core/sid.ts";
import { state } from "../../core/state/state.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { removeIfPresent } from "../../core/twilio/once.ts";
import { targetOf } from "../../core/twilio/target.ts";

/**
 * Removes a participant from a conversation, which frees their number pair (docs: Conversation participant resource).
 *
 * Safe to call again: a participant who is no longer in it is answered as `absent`.
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
      /** The participant. Exactly one of this and the next two. */
      participantSid: v.optional(sid("MB")),
      /** A chat user. */
      identity: v.optional(identity()),
      /** A person on a phone or in a messenger. */
      address: v.optional(address()),
    }),
    exactlyOne(["participantSid", "identity", "address"]),
  ),
  async run({ conversationSid, requireOwn, ...who }, { conversations, state }) {
    try {
      const { conversation } = await targetOf({ conversations, state }, { conversationSid, requireOwn });
      const { sid } = await conversation.fetch();
      const participantSid = who.participantSid ?? (await findParticipant(conversation, who));
      const isRemoved =
        participantSid !== undefined &&
        (await removeIfPresent(() => conversation.participants(participantSid).remove()));
      return {
        status: isRemoved ? ("removed" as const) : ("absent" as const),
        conversationSid: sidOf("CH", sid),
        /** `null` if there is no such participant. */
        participantSid: participantSid ?? null,
      };
    } catch (error) {
      throw explainTwilioError(error, { field: "conversationSid" });
    }
  },
});

async function findParticipant(
  conversation: ConversationContext,
  who: { identity?: string | undefined; address?: string | undefined },
): Promise<Sid<"MB"> | undefined> {
  const participants = await conversation.participants.list();
  const found = participants.find(({ identity, messagingBinding }) =>
    who.identity === undefined ? messagingBinding?.address === who.address : identity === who.identity,
  );
  return found && sidOf("MB", found.sid);
}
