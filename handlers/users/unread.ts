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
 * Counts the messages that a user has not read, for badges (docs: User conversation resource; Read horizon). Any token is
 * enough for the user's own count; the counts of others need Twilio's signature or a token with the scope
 * `conversations:read`.
 *
 * Twilio counts up to 1000 in each conversation. Conversations in which the user has no read horizon yet have no count, and
 * are counted separately. It only reads, so it is safe to repeat.
 */
export default defineHandler({
  access: signedByTwilio.or(bearer()),
  cors: true,
  env: { JWT_IDENTITY_CLAIM: v.optional(v.string(), "sub") },
  use: { userConversations },
  input: v.strictObject({
    /** The user. The bearer token's identity if omitted. */
    identity: v.optional(identity()),
  }),
  async run(input, { caller, env, userConversations }) {
    const who = userOfCount(caller, env.JWT_IDENTITY_CLAIM, input.identity);
    const all = await userConversations(who)
      .list()
      .catch((error: unknown) => {
        // An identity that has never been in a conversation has no user resource.
        if (isTwilioError(error, { status: 404 })) return [];
        throw explainTwilioError(error, { field: "identity" });
      });
    const open = all.filter(({ conversationState }) => conversationState !== "closed");
    const counts = open.map(({ unreadMessagesCount }) => unreadMessagesCount ?? 0);
    return {
      status: "counted" as const,
      identity: who,
      /** The number of unread messages. */
      unread: counts.reduce((sum, count) => sum + count, 0),
      /** The number of conversations with unread messages. */
      conversations: counts.filter((count) => count > 0).length,
      /** The number of conversations without a count, because the user has never read in them. */
      withoutReadHorizon: open.filter(({ unreadMessagesCount }) => unreadMessagesCount === null).length,
    };
  },
});

function userOfCount(caller: BearerCaller | TwilioCaller, claim: string, wanted: string | undefined): string {
  const own = caller.kind === "bearer" ? identityOf(caller, claim) : undefined;
  const who = wanted ?? own;
  if (who === undefined) throw new InvalidInput("identity is missing.", { field: "identity" });
  if (caller.kind === "bearer" && who !== own && !caller.scopes.has(READ_SCOPE)) {
    throw new Forbidden(
      "insufficient_scope",
      `The counts of other users need a token with the scope ${READ_SCOPE}.`,
      {
        field: "identity",
      },
    );
  }
  return who;
}

function identityOf({ claims }: BearerCaller, claim: string): string | undefined {
  const identity = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  return typeof identity === "string" || typeof identity === "number" ? String(identity) : undefined;
}
