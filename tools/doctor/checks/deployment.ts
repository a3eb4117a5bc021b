import twilio from "twilio";
import type { Check } from "../check.ts";

/** A signed event of a type that has no reaction. */
export const webhook: Check = {
  name: "webhook",
  description: "The deployment answers what Twilio signs, at webhooks/pre-event",
  isOnline: true,
  advice:
    "Deploy (npm run deploy:twilio), and set PUBLIC_BASE_URL to the deployment's address. 403 means that AUTH_TOKEN there is another one",
  async run({ variables }) {
    const { PUBLIC_BASE_URL: base, AUTH_TOKEN: token } = variables;
    if (!base || !token) return [];
    const url = `${base.replace(/\/+$/, "")}/webhooks/pre-event`;
    const fields = { EventType: "ping" };
    const headers = { "x-twilio-signature": twilio.getExpectedTwilioSignature(token, url, fields) };
    try {
      const body = new URLSearchParams(fields);
      const { status } = await fetch(url, {
        method: "POST",
        headers,
        body,
        signal: AbortSignal.timeout(6_000),
      });
      return status === 200 ? [] : [`${url} answered a signed event with HTTP ${status}`];
    } catch {
      return [`${url} cannot be reached`];
    }
  },
};
