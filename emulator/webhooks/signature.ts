import { createHmac } from "node:crypto";
import type { Parameters } from "./payload.ts";

/**
 * The `X-Twilio-Signature` of a form-encoded or GET webhook: Base64 of HMAC-SHA1, keyed with the auth token, over
 * the exact URL and the body's parameters, sorted by name, as name and value in one row. Of several values of one
 * parameter each counts once, sorted (as the official libraries check it). For a GET everything is in the URL and there
 * are no parameters ("Webhooks Security").
 */
export function signWebhook(authToken: string, url: string, parameters: Parameters): string {
  const names = [...parameters.keys()].sort();
  const signed = url + names.map((name) => rowOf(name, parameters.get(name) ?? "")).join("");
  return createHmac("sha1", authToken).update(signed, "utf8").digest("base64");
}

function rowOf(name: string, value: string | readonly string[]): string {
  if (typeof value === "string") return name + value;
  return [...new Set(value)]
    .sort()
    .map((one) => name + one)
    .join("");
}
