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
  if (!isProtected) return { goal: isLambda ? 136 : 130 };
  if (isQueued && target === "lambda") return { goal: 40 };
  const responder = { goal: 100 };
  if (isQueued) {
    const why = "Twilio's resource classes take 50 kB of it, and the reactions 12 kB";
    return { ...responder, accepted: { kB: 112, why } };
  }
  const why = "Twilio's resource classes take 50 kB of it, and middy 6 kB";
  return name === "whatsapp/opt-in-reply"
    ? { ...responder, accepted: { kB: isLambda ? 108 : 102, why } }
    : responder;
}
