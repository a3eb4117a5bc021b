import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { exactlyOne } from "../../core/field-rules.ts";
import { defineHandler } from "../../core/handler.ts";
import { address, flag, identity } from "../../core/input.ts";
import { orNull } from "../../core/or-null.ts";
import { sidOf } from "../../core/sid.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import {
  isOpen,
  newestFirst,
  participantConversations,
} from "../../core/twilio/participant-conversations.ts";

/**
 * Finds a conversation of a participant, by identity or address: the newest open one, or if none is open and `includeClosed`
 * is set, the newest closed one (docs: Participant conversation resource). It only reads, so it is safe to
 * repeat.
 */
export default defineHandler({
  access: backEnd("conversations:read"),
  use: { participantConversations },
  input: v.pipe(
    v.strictObject({
      /** A chat user. Either this or `address`. */
      identity: v.optional(identity()),
      /** A person on a phone or in a messenger. */
      address: v.optional(address()),
      /** Whether to answer with a closed conversation if none is open. */
      includeClosed: v.optional(flag(), false),
    }),
    exactlyOne(["identity", "address"]),
  ),
  async run({ identity, address, includeClosed }, { participantConversations }) {
    const who = identity === undefined ? { address: address ?? "" } : { identity };
    const all = await participantConversations.list(who).catch((error: unknown) => {
      throw explainTwilioError(error, { field: Object.keys(who)[0] ?? "identity" });
    });
    const open = all.filter(isOpen).sort(newestFirst);
    const closed = includeClosed ? all.filter((one) => !isOpen(one)).sort(newestFirst) : [];
    const [found] = [...open, ...closed];
    if (found === undefined) return { status: "none" as const, open: 0 };
    return {
      status: "found" as const,
      conversationSid: sidOf("CH", found.conversationSid),
      uniqueName: orNull(found.conversationUniqueName),
      friendlyName: orNull(found.conversationFriendlyName),
      state: found.conversationState,
      participantSid: sidOf("MB", found.participantSid),
      /** The number of open conversations. */
      open: open.length,
    };
  },
});
