import { type Access, alsoFromQueue, type QueueCaller } from "./access.ts";
import { type BasicCaller, basic } from "./basic.ts";
import { type BearerCaller, bearer } from "./bearer.ts";
import { signedByTwilio, type TwilioCaller } from "./signed-by-twilio.ts";

/**
 * Accepts Studio flows, back ends and tools: Twilio's signature, a bearer token or basic credentials with the scope. Not for
 * endpoints that web pages call, since browsers prompt their user for basic credentials.
 */
export const backEnd = (scope: string): Access<TwilioCaller | BearerCaller | BasicCaller> =>
  signedByTwilio.or(bearer(scope)).or(basic(scope));

/**
 * Accepts only back ends and tools whose credentials have this scope, and no Studio flow: for what cannot be undone, or
 * reads a person's complete data.
 */
export const backEndOnly = (scope: string): Access<BearerCaller | BasicCaller | QueueCaller> =>
  alsoFromQueue(bearer(scope).or(basic(scope)));
