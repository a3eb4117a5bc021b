import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { BODY_HASH, type FormParameters, isForm, parseForm, type Request } from "../request.ts";
import { CARRIED } from "../state/carried.ts";

/** Content that Twilio may have signed: a URL with a form, with a raw body, or alone. */
interface SignedContent {
  readonly url: string;
  readonly form?: FormParameters;
  readonly rawBody?: string;
}

/** What Twilio signs with: the account's auth token and SHA-1, or a shared key of a webhook rule and SHA-256. */
export interface SigningKey {
  readonly secret: string;
  readonly hash: "sha1" | "sha256";
}

/**
 * The `X-Twilio-Signature` of a request: Base64 of an HMAC over the URL and, for a form, each name with its values in
 * order of name. Repeated values count once, sorted.
 *
 * @see https://www.twilio.com/docs/usage/security#validating-requests
 * @see https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys
 */
export function twilioSignature({ secret, hash }: SigningKey, url: string, form?: FormParameters): string {
  let content = url;
  if (form) {
    for (const name of [...form.keys()].sort()) {
      for (const value of [...new Set(form.get(name))].sort()) content += name + value;
    }
  }
  return createHmac(hash, secret).update(content, "utf8").digest("base64");
}

/**
 * Whether Twilio signed this request. The signature that matches covers every field of the request.
 *
 * A body that is not a form is covered through `bodySHA256` in the signed URL, so its bytes must match that hash.
 */
export function isSignedByTwilio(key: SigningKey, signature: string, request: Request): boolean {
  return contentsOf(request).some(
    ({ url, form, rawBody }) =>
      (rawBody === undefined || isBodyOfUrl(rawBody, url)) &&
      spellings(url).some((spelling) => isEqual(twilioSignature(key, spelling, form), signature)),
  );
}

function contentsOf({ url, raw, fields, bodyHash }: Request): SignedContent[] {
  if (url === undefined) return [];
  if (raw === undefined) return guessedContents(url, fields, bodyHash);
  const whole = raw.query === "" ? url : `${url}?${raw.query}`;
  if (isForm(raw.type)) return [{ url: whole, form: parseForm(raw.body) }];
  return [raw.body === "" ? { url: whole } : { url: whole, rawBody: raw.body }];
}

/**
 * Twilio Functions keep neither the method nor the raw query and body, so Twilio may have signed one of four: a form, a
 * form sent to a URL of ours with carried data, a query, or a JSON body. Each of them covers every field.
 */
function guessedContents(
  url: string,
  fields: Request["fields"],
  bodyHash: string | undefined,
): SignedContent[] {
  const contents: SignedContent[] = [];
  const form = formOf(bodyHash === undefined ? fields : { ...fields, [BODY_HASH]: bodyHash });
  if (form) contents.push({ url, form }, ...queriesOf(form).map((query) => ({ url: `${url}?${query}` })));
  const { [CARRIED]: carried, ...others } = fields;
  const ofWebhook = typeof carried === "string" ? formOf(others) : undefined;
  if (ofWebhook) contents.push({ url: `${url}?${CARRIED}=${carried}`, form: ofWebhook });
  const rawBody = bodyHash !== undefined && HASH.test(bodyHash) ? jsonOf(fields) : undefined;
  if (rawBody !== undefined) contents.push({ url: `${url}?${BODY_HASH}=${bodyHash}`, rawBody });
  return contents;
}

const HASH = /^[0-9a-f]{64}$/i;

/** `undefined` for fields that are nested too deeply for JSON, which Twilio has not signed. */
function jsonOf(fields: Request["fields"]): string | undefined {
  try {
    return JSON.stringify(fields);
  } catch {
    return undefined;
  }
}

/** Neither a form nor a URL can encode an unpaired surrogate, which JSON can contain. */
const isEncodable = (value: unknown): value is string =>
  typeof value === "string" && /^\P{Cs}*$/u.test(value);

/** `undefined` for fields that no form has. */
function formOf(fields: Request["fields"]): FormParameters | undefined {
  const form = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(fields)) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (!isEncodable(name) || !values.every(isEncodable)) return undefined;
    form.set(name, values);
  }
  return form;
}

/** The two ways to write a query: as a form does, with `+` for a space, and as a URL does, with `%20`. */
function queriesOf(form: FormParameters): string[] {
  const pairs = [...form].flatMap(([name, values]) => values.map((value): [string, string] => [name, value]));
  if (pairs.length === 0) return [];
  const asUrl = pairs
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join("&");
  return [new URLSearchParams(pairs).toString(), asUrl];
}

function isBodyOfUrl(rawBody: string, url: string): boolean {
  const expected = new URL(url).searchParams.get(BODY_HASH);
  return (
    expected !== null &&
    isEqual(createHash("sha256").update(rawBody, "utf8").digest("hex"), expected.toLowerCase())
  );
}

/**
 * The spellings of one URL that Twilio's own validators accept: with and without the port, and the query as received, as a form
 * and as a URL write it, and with `'`, `:` and `@` as they are or encoded. All have the same fields.
 */
function spellings(url: string): string[] {
  const [, scheme, host, port, path = "", query] =
    /^(https?):\/\/([^/?#:]+)(:\d+)?([^?]*)(?:\?(.*))?$/s.exec(url) ?? [];
  if (host === undefined) return [url];
  const other = port ? "" : scheme === "https" ? ":443" : ":80";
  const queries = query === undefined ? [""] : spellingsOfQuery(query).map((one) => `?${one}`);
  return queries.flatMap((one) => [
    `${scheme}://${host}${port ?? ""}${path}${one}`,
    `${scheme}://${host}${other}${path}${one}`,
  ]);
}

function spellingsOfQuery(query: string): string[] {
  const plain = query.replace(/%27/g, "'").replace(/%3A/gi, ":").replace(/%40/g, "@");
  return [...new Set([query, ...queriesOf(parseForm(query)), plain, query.replaceAll("'", "%27")])];
}

function isEqual(actual: string, given: string): boolean {
  const a = Buffer.from(actual);
  const b = Buffer.from(given);
  return a.length === b.length && timingSafeEqual(a, b);
}
