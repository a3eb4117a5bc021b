import twilio from "twilio";
import { withoutSecrets } from "../../../infra/account/print.ts";
import { apiOf, type Check, type CheckContext, NotChecked, settingOf } from "../check.ts";

const LONGEST_MS = 4_000;

const baseUrlOf = (context: CheckContext): string =>
  settingOf(context, "PUBLIC_BASE_URL").replace(/\/+$/, "");

export const webhooks: Check = {
  name: "webhooks",
  description: "The service sends its events to this deployment",
  isOnline: true,
  advice: "npm run account -- apply",
  async run(context) {
    const base = baseUrlOf(context);
    const service = settingOf(context, "CHAT_SERVICE_SID");
    const api = apiOf(context);
    const own = await api.fetch("conversations", `/v1/Services/${service}/Configuration/Webhooks`);
    // A service's own webhooks replace those of the account (docs: Per-Service Webhook Resource).
    const isOwn = Boolean(own.pre_webhook_url || own.post_webhook_url);
    const used = isOwn ? own : await api.fetch("conversations", "/v1/Configuration/Webhooks");
    const owner = isOwn ? `the service ${service}` : "the account, whose webhooks the service uses,";
    const findings = Object.entries(TARGETS).flatMap(([field, path]) => {
      const url = String(used[field] ?? "");
      if (url === "")
        return [isOwn ? `${owner} has no ${field}` : `Neither service nor account has a ${field}`];
      // Credentials in the URL are for the endpoint's access.
      if (url.replace(/^(https?:\/\/)[^/@]*@/, "$1") === base + path) return [];
      return [`${field} of ${owner} is ${withoutSecrets(url, [])}, not ${base}${path}`];
    });
    const isByPost = findings.length > 0 || used.method === "POST";
    return isByPost ? findings : [`${owner} calls its webhooks by ${used.method}, not by POST`];
  },
};

const TARGETS: Readonly<Record<string, string>> = {
  pre_webhook_url: "/webhooks/pre-event",
  post_webhook_url: "/webhooks/post-event",
};

/**
 * Signed requests that have no effect: an event of an unknown type, and a check of opening hours, which needs a valid
 * signature also when PRE_EVENT_RULES accept events with an invalid one.
 */
export const ping: Check = {
  name: "deployment",
  description:
    "The deployment can be reached, and webhooks/pre-event and hours/check accept Twilio's signature",
  isOnline: true,
  advice:
    "Deploy (npm run deploy:twilio or deploy:aws), and set PUBLIC_BASE_URL to the deployment's URL. docs/troubleshooting.md",
  async run(context) {
    const base = baseUrlOf(context);
    const token = settingOf(context, "AUTH_TOKEN");
    if (context.variables.WEBHOOK_KEYS_ONLY === "true")
      throw new NotChecked("WEBHOOK_KEYS_ONLY is true, and this check signs with AUTH_TOKEN");
    const requests: [url: string, fields: Record<string, string>][] = [
      [`${base}/webhooks/pre-event`, { EventType: "ping" }],
      [`${base}/hours/check`, { timeZone: "UTC", week: '{"mon":["09:00-17:00"]}' }],
    ];
    const findings = await Promise.all(requests.map(([url, fields]) => send(url, fields, token)));
    return [...new Set(findings.flat())];
  },
};

async function send(url: string, fields: Record<string, string>, token: string): Promise<string[]> {
  const headers = { "x-twilio-signature": twilio.getExpectedTwilioSignature(token, url, fields) };
  const body = new URLSearchParams(fields);
  try {
    const { status } = await fetch(url, {
      method: "POST",
      headers,
      body,
      signal: AbortSignal.timeout(LONGEST_MS),
    });
    return status === 200 ? [] : [`${url} answered a signed request with HTTP ${status}${meaningOf(status)}`];
  } catch (error) {
    const { cause } = error as Error & { cause?: { code?: string } };
    return [`${new URL(url).origin} cannot be reached${cause?.code === undefined ? "" : ` (${cause.code})`}`];
  }
}

function meaningOf(status: number): string {
  if (status === 400 || status === 403)
    return ": AUTH_TOKEN differs from the deployment's, or the deployment is called by another URL";
  if (status === 404) return ": this URL has no such endpoint";
  if (status === 500) return ": a setting is missing there; the deployment's log names it";
  return "";
}
