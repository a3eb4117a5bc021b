import { createHmac } from "node:crypto";

/**
 * The `X-Twilio-Signature` of a form-encoded or GET webhook: Base64 of HMAC-SHA1, keyed with the auth token, over
 * the exact URL and the body's parameters, sorted by name, as name and value in one row. For a GET everything is
 * in the URL and there are no parameters ("Webhooks Security").
 */
export function signWebhook(authToken: string, url: string, fields: ReadonlyMap<string, string>): string {
  const names = [...fields.keys()].sort();
  const signed = url + names.map((name) => name + fields.get(name)).join("");
  return createHmac("sha1", authToken).update(signed, "utf8").digest("base64");
}
