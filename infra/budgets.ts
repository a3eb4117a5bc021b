import type { Endpoint } from "./endpoints.ts";

export type PlatformName = "twilio" | "lambda";

/** How large a minified bundle should be, in kB (1,000 bytes), and how large it may be. */
export interface SizeBudget {
  readonly goal: number;
  /** What the build accepts beyond the goal, and why. */
  readonly accepted?: { readonly kB: number; readonly why: string };
}

/** The size budget of an endpoint's bundle. */
export function sizeBudget({ name, isProtected }: Endpoint, platform: PlatformName): SizeBudget {
  const isLambda = platform === "lambda";
  if (name === "token") {
    const why = "verifying the caller (jose) takes 18 kB of it, and the schemas (valibot) 8 kB";
    return { goal: isLambda ? 40 : 30, accepted: { kB: isLambda ? 49 : 43, why } };
  }
  if (name === "token-service") return { goal: isLambda ? 40 : 30 };
  if (!isProtected) return { goal: isLambda ? 136 : 130 };
  const responder = { goal: 100 };
  const why = "Twilio's resource classes take 50 kB of it, and middy 6 kB";
  return name === "whatsapp/opt-in-reply" || name === "webhooks/conversation"
    ? { ...responder, accepted: { kB: isLambda ? 108 : 102, why } }
    : responder;
}
