import twilio from "twilio";
import type { Check } from "../check.ts";

/** A signed request to an endpoint that has no effect. `webhooks/pre-event` may be set to answer an invalid signature, too. */
export const webhook: Check = {
  name: "webhook",
  description: "The deployment accepts Twilio's signature at hours/check",
  isOnline: true,
  advice:
    "Deploy (npm run deploy:twilio), and set PUBLIC_BASE_URL to the deployment's URL. 403 means that the deployment's AUTH_TOKEN differs",
  async run({ variables }) {
    const { PUBLIC_BASE_URL: base, AUTH_TOKEN: token } = variables;
    if (!base || !token) return [];
    const url = `${base.replace(/\/+$/, "")}/hours/check`;
    const fields = { timeZone: "UTC", week: '{"mon":["09:00-17:00"]}' };
    const headers = { "x-twilio-signature": twilio.getExpectedTwilioSignature(token, url, fields) };
    try {
      const body = new URLSearchParams(fields);
      const { status } = await fetch(url, {
        method: "POST",
        headers,
        body,
        signal: AbortSignal.timeout(6_000),
      });
      return status === 200 ? [] : [`${url} answered a signed request with HTTP ${status}`];
    } catch {
      return [`${url} cannot be reached`];
    }
  },
};
