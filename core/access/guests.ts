import { randomUUID } from "node:crypto";
import { jwtVerify } from "jose";
import * as v from "valibot";
import { readEnvironment, secret, sidVariable, switchVariable } from "../environment.ts";
import { Unauthenticated } from "../errors.ts";
import type { Resource } from "../handler.ts";
import { access } from "./access.ts";

/** Somebody without an account, where the deployment welcomes guests. */
export interface GuestCaller {
  readonly kind: "guest";
}

/** What a guest's identity begins with, and nobody else's. */
export const GUEST_PREFIX = "guest-";

const switchEntries = { GUESTS: v.optional(switchVariable(), "false") };
const keyEntries = { TWILIO_API_KEY_SID: sidVariable("SK"), TWILIO_API_KEY_SECRET: secret() };

/**
 * Lets in callers without credentials, in deployments that set `GUESTS=true`. Off by default.
 * Whoever does bring an `Authorization` header is not a guest, so that a bad token is refused and not downgraded.
 */
export const guests = access<GuestCaller>({
  schemes: [],
  variables: Object.keys(switchEntries),
  isConfigured: (environment) => readEnvironment(switchEntries, environment).GUESTS,
  open: () => async (request) => (request.headers.has("authorization") ? undefined : { kind: "guest" }),
});

/**
 * Identities for guests: a fresh one, or the one of an access token that this deployment gave them and that has not
 * expired. The identity alone proves nothing, since everybody in a conversation can see it.
 */
export const guestIdentities: Resource<(earlierToken: string | undefined) => Promise<string>> = {
  entries: keyEntries,
  open(environment) {
    const env = readEnvironment(keyEntries, environment);
    const key = new TextEncoder().encode(env.TWILIO_API_KEY_SECRET);
    const identityOf = async (token: string): Promise<string> => {
      const options = { algorithms: ["HS256"], issuer: env.TWILIO_API_KEY_SID };
      const { payload } = await jwtVerify<{ grants: { identity: string } }>(token, key, options).catch(
        (cause: unknown) => {
          throw notAGuests(cause);
        },
      );
      if (!payload.grants.identity.startsWith(GUEST_PREFIX)) throw notAGuests();
      return payload.grants.identity;
    };
    return () => async (earlierToken) =>
      earlierToken === undefined ? `${GUEST_PREFIX}${randomUUID()}` : identityOf(earlierToken);
  },
};

const notAGuests = (cause?: unknown) =>
  new Unauthenticated(
    "guestToken is not a guest's valid access token. Leave it out to come as a new guest.",
    {
      code: "invalid_guest_token",
      field: "guestToken",
      cause,
    },
  );
