import { randomUUID } from "node:crypto";
import type { JWTPayload } from "jose";
import * as v from "valibot";
import { readEnvironment, secret, sidVariable, switchVariable } from "../environment.ts";
import { Unauthenticated } from "../errors.ts";
import type { Resource } from "../handler.ts";
import { access } from "./access.ts";
import { hs256Verifier } from "./hs256.ts";

/** A caller without an account, where the deployment allows guests. */
export interface GuestCaller {
  readonly kind: "guest";
}

/** Prefix of guests' identities, which no other identity has. */
export const GUEST_PREFIX = "guest-";

const switchEntries = { GUESTS: v.optional(switchVariable(), "false") };
const keyEntries = { TWILIO_API_KEY_SID: sidVariable("SK"), TWILIO_API_KEY_SECRET: secret() };

/**
 * Accepts callers without credentials, in deployments that set `GUESTS=true`. Off by default.
 * A request with an `Authorization` header is not a guest's, so that a bad token is rejected and not downgraded.
 */
export const guests = access<GuestCaller>({
  schemes: [],
  entries: switchEntries,
  enabledBy: ["GUESTS=true"],
  isConfigured: (environment) => readEnvironment(switchEntries, environment).GUESTS,
  open: () => async (request) => (request.headers.has("authorization") ? undefined : { kind: "guest" }),
});

/**
 * Identities for guests: a new one, or the one of an access token that this deployment issued and that has not expired.
 * The identity alone proves nothing, since all participants of a conversation can see it.
 */
export const guestIdentities: Resource<(earlierToken: string | undefined) => Promise<string>> = {
  entries: keyEntries,
  open(environment) {
    const env = readEnvironment(keyEntries, environment);
    const verify = hs256Verifier(env.TWILIO_API_KEY_SECRET, { issuer: env.TWILIO_API_KEY_SID });
    const identityOf = (token: string): string => {
      const identity = identityIn(token, verify);
      if (identity === undefined || !identity.startsWith(GUEST_PREFIX)) throw notAGuests();
      return identity;
    };
    return () => async (earlierToken) =>
      earlierToken === undefined ? `${GUEST_PREFIX}${randomUUID()}` : identityOf(earlierToken);
  },
};

/** The identity in the grants of an access token; `undefined` for a token of another kind. */
function identityIn(token: string, verify: (token: string) => JWTPayload): string | undefined {
  try {
    const { grants } = verify(token);
    const identity: unknown = Object(grants).identity;
    return typeof identity === "string" ? identity : undefined;
  } catch (cause) {
    throw notAGuests(cause);
  }
}

const notAGuests = (cause?: unknown) =>
  new Unauthenticated("guestToken is not a valid access token of a guest. Omit it to become a new guest.", {
    code: "invalid_guest_token",
    field: "guestToken",
    cause,
  });
