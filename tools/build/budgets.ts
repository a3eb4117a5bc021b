import type { Endpoint, Target } from "../../infra/endpoints.ts";

/** The size goal and limit of a minified bundle in kB (1,000 bytes). */
export interface SizeBudget {
  readonly goal: number;
  /** The size accepted beyond the goal, and the reason. */
  readonly accepted?: { readonly kB: number; readonly why: string };
}

/** The size budget of an endpoint's bundle. */
export function sizeBudget({ name, isProtected, isQueued }: Endpoint, target: Target): SizeBudget {
  const isLambda = target !== "twilio";
  if (name === "token" || name === "token-service") return { goal: isLambda ? 40 : 30 };
  if (!isProtected) return { goal: isLambda ? 107 : 99 };
  // It makes no requests to Twilio.
  if (!isQueued) return { goal: isLambda ? 52 : 43 };
  // Twilio waits for the function before the queue, and not for its consumer.
  if (target === "lambda") return { goal: 40 };
  if (name !== "webhooks/post-event") return { goal: isLambda ? 92 : 88 };
  const why =
    "it uses all of Twilio's resource classes below a conversation, 18 kB, the reactions take 15 kB, agents and signed records 4 kB each";
  return { goal: 100, accepted: { kB: isLambda ? 107 : 104, why } };
}

/** The intended cost of checking a password (scrypt with N = 16384). */
const PASSWORD_MS = 50;
/** Reading look-alike characters and the rules, and the first search for words and card numbers. */
const MODERATION_MS = 6;

/**
 * Milliseconds above bare Node that a cold start with its first job should take: 9 without outgoing requests, 12 under middy;
 * 30 with a request to Twilio or the queue, of which loading `node:https` takes 2, and 2 more for each further one.
 */
export function timeBudget({ name }: Endpoint, target: Target, requests: number): number {
  if (!["token", "token-service", "webhooks/pre-event"].includes(name))
    return 30 + 2 * Math.max(0, requests - 1);
  const alone = target === "twilio" ? 9 : 12;
  if (name === "token-service") return alone + PASSWORD_MS;
  return name === "webhooks/pre-event" ? alone + MODERATION_MS : alone;
}
