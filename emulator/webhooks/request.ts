import type { OutgoingRequest } from "./http-client.ts";
import { type Parameters, pairsOf } from "./payload.ts";
import { signatureHeaders, type WebhookRules } from "./signature.ts";
import type { Target } from "./targets.ts";

/**
 * The request that brings parameters to a target: a signed form, or a GET that has all in its query. `token` is the
 * same for every attempt of one delivery.
 */
export function buildRequest(
  authToken: string,
  rules: WebhookRules,
  target: Target,
  parameters: Parameters,
  token: string,
): OutgoingRequest {
  const form = new URLSearchParams(pairsOf(parameters)).toString();
  const configured = requestUrl(target.url);
  const isGet = target.method === "GET";
  const url = isGet ? `${configured}${configured.includes("?") ? "&" : "?"}${form}` : configured;
  const body = isGet ? "" : form;
  const headers: Record<string, string> = {
    Accept: "*/*",
    "User-Agent": "TwilioProxy/1.1",
    "I-Twilio-Idempotency-Token": token,
    ...signatureHeaders(authToken, rules, url, isGet ? new Map() : parameters),
  };
  if (!isGet) {
    headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8";
    headers["Content-Length"] = String(Buffer.byteLength(body));
  }
  return { method: target.method, url, headers, body };
}

/**
 * The URL that is requested and signed: as it was configured, without the fragment, which carries connection
 * overrides, with the slash that a receiver sees where there is no path, and with what is not ASCII as it goes on the
 * wire (assumed: a receiver can sign only what it sees).
 */
function requestUrl(configured: string): string {
  return configured
    .replace(/#.*$/s, "")
    .replace(/^(https?:\/\/[^/?]*)(?=\?|$)/i, "$1/")
    .replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}
