import type { Endpoint, Target } from "./endpoints.ts";

/** How large a minified bundle should be, in kB (1,000 bytes), and how large it may be. */
export interface SizeBudget {
  readonly goal: number;
  /** What the build accepts beyond the goal, and why. */
  readonly accepted?: { readonly kB: number; readonly why: string };
}

/** The size budget of an endpoint's bundle. */
export function sizeBudget({ name, isProtected, isQueued }: Endpoint, target: Target): SizeBudget {
  const isLambda = target !== "twilio";
  if (name === "token") {
    const why = "verifying the caller (jose) takes 18 kB of it, and the schemas (valibot) 8 kB";
    return { goal: isLambda ? 40 : 30, accepted: { kB: isLambda ? 49 : 43, why } };
  }
  if (name === "token-service") return { goal: isLambda ? 40 : 30 };
  const step = { goal: isLambda ? 136 : 130 };
  if (name === "group-mms/create") {
    const why = "it makes conversations with their participants, checks templates and takes turns";
    return { ...step, accepted: { kB: step.goal + 3, why } };
  }
  if (!isProtected) return step;
  if (isQueued) return queuedBudget(target);
  const responder = { goal: 100 };
  const why = "Twilio's resource classes take 50 kB of it, and middy 6 kB";
  return name === "whatsapp/opt-in-reply" || name === "webhooks/conversation"
    ? { ...responder, accepted: { kB: isLambda ? 108 : 102, why } }
    : responder;
}

/** In front of the queue, Twilio waits; behind it, nobody does. */
function queuedBudget(target: Target): SizeBudget {
  if (target === "lambda") return { goal: 40 };
  const why = "Twilio's resource classes take 50 kB of it, and the reactions 13 kB";
  return { goal: 100, accepted: { kB: target === "consumer" ? 114 : 112, why } };
}
