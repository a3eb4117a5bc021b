import { remember } from "../remember.ts";
import type { OutgoingRequest } from "./http-client.ts";
import { type Parameters, pairsOf } from "./payload.ts";
import { signatureHeaders, type WebhookRules } from "./signature.ts";
import type { Target } from "./targets.ts";

/**
 * The request for a target: a signed form, or a GET with all parameters in its query. `token` is the same for every
 * attempt of one delivery.
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
 * The URL that is requested and signed: as configured, without the fragment, which has the connection overrides, with a
 * slash for an empty path, and percent-encoded (assumed: a receiver can verify only what it receives).
 */
const requestUrl = remember((configured) =>
  configured
    .replace(/#.*$/s, "")
    .replace(/^(https?:\/\/[^/?]*)(?=\?|$)/i, "$1/")
    .replace(/[^\x21-\x7e]+/g, encodeURIComponent),
);
