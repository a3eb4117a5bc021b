import { createHmac, createSecretKey } from "node:crypto";
import { remember } from "../remember.ts";
import type { Parameters } from "./payload.ts";

/**
 * A shared key that signs the webhooks to certain URLs instead of the auth token, as configured by a webhook rule of
 * Twilio.
 */
export interface SharedKey {
  readonly id: string;
  readonly secret: string;
}

/** Shared keys by the beginning of the URLs that they sign for. */
export type WebhookRules = ReadonlyMap<string, SharedKey>;

/**
 * The headers that sign a webhook. The rule with the longest matching URL counts ("Webhooks configuration API FAQs"); a
 * shared key uses SHA-256, and is named beside the signature ("Sign webhooks with shared keys").
 */
export function signatureHeaders(
  authToken: string,
  rules: WebhookRules,
  url: string,
  parameters: Parameters,
): Readonly<Record<string, string>> {
  const [rule] =
    rules.size === 0
      ? []
      : [...rules].filter(([prefix]) => url.startsWith(prefix)).sort(([a], [b]) => b.length - a.length);
  if (rule === undefined) return { "X-Twilio-Signature": signWebhook(authToken, url, parameters) };
  const [, { id, secret }] = rule;
  return {
    "X-Twilio-Signature": signWebhook(secret, url, parameters, "sha256"),
    "X-Twilio-Webhooks-Signature-Settings": `key=${id},algorithm=HMAC_SHA256`,
  };
}

/**
 * The `X-Twilio-Signature` of a form-encoded or GET webhook: Base64 of an HMAC, keyed with the auth token, over the
 * exact URL and the body's parameters, sorted by name, each as name and value without separators. Of several values of
 * one parameter each counts once, sorted (as the official libraries check it). For a GET everything is in the URL and
 * there are no parameters ("Webhooks Security").
 */
export function signWebhook(
  secret: string,
  url: string,
  parameters: Parameters,
  hash: "sha1" | "sha256" = "sha1",
): string {
  const names = [...parameters.keys()].sort();
  const signed = url + names.map((name) => rowOf(name, parameters.get(name) ?? "")).join("");
  return createHmac(hash, keyOf(secret)).update(signed, "utf8").digest("base64");
}

/** A key object is half as expensive for an HMAC as a text. */
const keyOf = remember((secret) => createSecretKey(Buffer.from(secret)));

function rowOf(name: string, value: string | readonly string[]): string {
  if (typeof value === "string") return name + value;
  return [...new Set(value)]
    .sort()
    .map((one) => name + one)
    .join("");
}
