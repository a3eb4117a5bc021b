import * as v from "valibot";
import { accessTokens, PLATFORMS } from "../core/access/access-token.ts";
import { type BearerCaller, bearer } from "../core/access/bearer.ts";
import { GUEST_PREFIX, guestIdentities, guests } from "../core/access/guests.ts";
import { Forbidden } from "../core/errors.ts";
import { defineHandler } from "../core/handler.ts";
import { text, wholeNumber } from "../core/input.ts";

/**
 * Access tokens for the Conversations SDKs (docs: Create access tokens; User identity and access tokens).
 *
 * The caller authenticates with a JWT of the company's issuer; the identity is one of its claims and never an input. Safe to
 * repeat: nothing is stored, and each call issues a new token.
 */
export default defineHandler({
  access: bearer().or(guests),
  cors: true,
  env: { JWT_IDENTITY_CLAIM: v.optional(v.string(), "sub") },
  use: { issueToken: accessTokens, guestIdentity: guestIdentities },
  input: v.strictObject({
    /** Seconds, limited to between 1200 and 86400. `TOKEN_TTL` if omitted. */
    ttl: v.optional(wholeNumber()),
    /** Adds the push credential of this platform to the token. */
    platform: v.optional(v.picklist(PLATFORMS, `must be one of ${PLATFORMS.join(", ")}`)),
    /** A guest's earlier access token, to keep the identity. */
    guestToken: v.optional(text(4_096)),
  }),
  async run({ ttl, platform, guestToken }, { caller, env, issueToken, guestIdentity }) {
    const identity =
      caller.kind === "guest" ? await guestIdentity(guestToken) : identityOf(caller, env.JWT_IDENTITY_CLAIM);
    return issueToken(identity, { ttl, platform });
  },
});

function identityOf(caller: BearerCaller, claim: string): string {
  const identity = Object.hasOwn(caller.claims, claim) ? caller.claims[claim] : undefined;
  if (typeof identity !== "string" && typeof identity !== "number") {
    throw new Forbidden("identity_missing", `The bearer token has no claim ${claim} with the identity.`);
  }
  if (String(identity).normalize("NFKC").trim().toLowerCase().startsWith(GUEST_PREFIX)) {
    throw new Forbidden(
      "invalid_identity",
      `Identities that begin with ${GUEST_PREFIX} are reserved for guests.`,
    );
  }
  return String(identity);
}
