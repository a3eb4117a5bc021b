import type { ParticipantInstance } from "twilio/lib/rest/conversations/v1/conversation/participant.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { defineHandler } from "../../core/handler.ts";
import { conversationKey, requireOwn, sid } from "../../core/input.ts";
import { fitting } from "../../core/long-answer.ts";
import { orNull } from "../../core/or-null.ts";
import { sidOf } from "../../core/sid.ts";
import { state } from "../../core/state/state.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { targetOf } from "../../core/twilio/target.ts";

/**
 * Lists the participants of a conversation (docs: Conversation participant resource) in order of their SIDs. An answer stays
 * under the 64 kB that Studio reads: if they do not all fit, it contains `after` for the next call. It only reads, so it is safe to
 * repeat.
 */
export default defineHandler({
  access: backEnd("conversations:read"),
  use: { conversations, state },
  input: v.strictObject({
    /** The conversation. */
    conversationSid: conversationKey(),
    /** Whether this deployment must have created it; otherwise a 409. For unique names that a chat user could guess. */
    requireOwn: requireOwn(),
    /** Only participants after this one: the `after` of an earlier answer. */
    after: v.optional(sid("MB")),
  }),
  async run({ after, ...target }, { conversations, state }) {
    try {
      const { conversation, conversationSid } = await targetOf({ conversations, state }, target);
      const all = (await conversation.participants.list()).map(shownOf);
      const wanted = all
        .filter(({ participantSid }) => after === undefined || participantSid > after)
        .sort((a, b) => (a.participantSid < b.participantSid ? -1 : 1));
      const shown = fitting(wanted, (one) => [JSON.stringify(one), one.identity ?? "", one.address ?? ""]);
      const isWhole = shown.length === wanted.length;
      return {
        status: "listed" as const,
        conversationSid,
        /** The total number. */
        total: all.length,
        /** The number of chat users. */
        chatUsers: all.filter(({ identity }) => identity !== null).length,
        /** The number of people on phones or in messengers. */
        people: all.filter(({ address }) => address !== null).length,
        /** Identities of the chat users, separated by commas. */
        identities: shown.flatMap(({ identity }) => identity ?? []).join(","),
        /** Addresses of the people, separated by commas. */
        addresses: shown.flatMap(({ address }) => address ?? []).join(","),
        /**
         * All of them as JSON text: a list of objects with `participantSid`, `identity`, `address`, `proxyAddress`,
         * `projectedAddress`, `roleSid` and `lastRead`, the index up to which they have read.
         */
        participants: JSON.stringify(shown),
        /** The `after` for more participants; `null` if there are none. */
        after: isWhole ? null : (shown.at(-1)?.participantSid ?? null),
      };
    } catch (error) {
      throw explainTwilioError(error, { field: "conversationSid" });
    }
  },
});

const shownOf = ({
  sid,
  identity,
  messagingBinding,
  roleSid,
  lastReadMessageIndex,
}: ParticipantInstance) => ({
  participantSid: sidOf("MB", sid),
  identity: orNull(identity),
  address: orNull(messagingBinding?.address),
  proxyAddress: orNull(messagingBinding?.proxy_address),
  projectedAddress: orNull(messagingBinding?.projected_address),
  roleSid: orNull(roleSid),
  lastRead: orNull(lastReadMessageIndex),
});
