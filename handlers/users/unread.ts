import * as v from "valibot";
import { type BearerCaller, bearer } from "../../core/access/bearer.ts";
import { signedByTwilio, type TwilioCaller } from "../../core/access/signed-by-twilio.ts";
import { Forbidden, InvalidInput } from "../../core/errors.ts";
import { defineHandler } from "../../core/handler.ts";
import { identity } from "../../core/input.ts";
import { explainTwilioError, isTwilioError } from "../../core/twilio/errors.ts";
import { userConversations } from "../../core/twilio/user-conversations.ts";

const READ_SCOPE = "conversations:read";

/**
 * How many messages a user has not read, for badges (docs: User conversation resource; Read horizon). A user asks for
 * themselves with any token; others may be asked for by Twilio and by tokens with the scope `conversations:read`.
 *
 * Twilio counts up to 1000 in each conversation. One in which the user has no read horizon yet has no count of its own
 * and is told apart. Reads only, so it may be called any number of times.
 */
export default defineHandler({
  access: signedByTwilio.or(bearer()),
  cors: true,
  env: { JWT_IDENTITY_CLAIM: v.optional(v.string(), "sub") },
  use: { userConversations },
  input: v.strictObject({
    /** Whose count. The bearer token's own identity unless given. */
    identity: v.optional(identity()),
  }),
  async run(input, { caller, env, userConversations }) {
    const who = whoseCount(caller, env.JWT_IDENTITY_CLAIM, input.identity);
    const all = await userConversations(who)
      .list()
      .catch((error: unknown) => {
        // Somebody who has never been in a conversation has no user resource either.
        if (isTwilioError(error, { status: 404 })) return [];
        throw explainTwilioError(error, { field: "identity" });
      });
    const open = all.filter(({ conversationState }) => conversationState !== "closed");
    const counts = open.map(({ unreadMessagesCount }) => unreadMessagesCount ?? 0);
    return {
      status: "counted" as const,
      identity: who,
      /** Messages. */
      unread: counts.reduce((sum, count) => sum + count, 0),
      /** How many have unread messages. */
      conversations: counts.filter((count) => count > 0).length,
      /** How many have no count because the user has never read in them. */
      withoutReadHorizon: open.filter(({ unreadMessagesCount }) => unreadMessagesCount === null).length,
    };
  },
});

function whoseCount(caller: BearerCaller | TwilioCaller, claim: string, wanted: string | undefined): string {
  const own =
    caller.kind === "bearer" && Object.hasOwn(caller.claims, claim) ? caller.claims[claim] : undefined;
  const who = wanted ?? (own === undefined ? undefined : String(own));
  if (who === undefined) throw new InvalidInput("identity is missing.", { field: "identity" });
  if (caller.kind === "bearer" && who !== String(own) && !caller.scopes.has(READ_SCOPE)) {
    throw new Forbidden(
      "insufficient_scope",
      `Only a token with the scope ${READ_SCOPE} may ask for others.`,
      {
        field: "identity",
      },
    );
  }
  return who;
}
