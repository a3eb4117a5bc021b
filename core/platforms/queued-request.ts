import * as v from "valibot";
import { SIGNATURE_SETTINGS } from "../access/signed-by-twilio.ts";
import { UpstreamFailed } from "../errors.ts";
import { type Request, readFields } from "../request.ts";
import { isSameMac, type Keys } from "../state/keys.ts";

/** A request in a queue: the content that Twilio has signed, the signature, and this deployment's MAC of both. */
const queued = v.object({
  method: v.optional(v.string()),
  signature: v.string(),
  settings: v.optional(v.string()),
  url: v.optional(v.string()),
  raw: v.object({ query: v.string(), body: v.string(), type: v.string() }),
  publicBaseUrl: v.optional(v.string()),
  keyId: v.optional(v.string(), ""),
  mac: v.optional(v.string(), ""),
});
type Queued = Omit<v.InferOutput<typeof queued>, "keyId" | "mac">;

const SIGNATURE = "x-twilio-signature";

/** The parts that the MAC covers: all from which the request is restored. */
const partsOf = ({ method = "", url = "", raw, publicBaseUrl = "" }: Queued): string[] => [
  method,
  url,
  raw.query,
  raw.body,
  raw.type,
  publicBaseUrl,
];

/** The queue's message for a request whose signature has been verified. */
export function writeQueued(keys: Keys, { method, headers, url, raw, publicBaseUrl }: Request): string {
  const request: Queued = {
    method,
    signature: headers.get(SIGNATURE) ?? "",
    settings: headers.get(SIGNATURE_SETTINGS),
    url,
    raw: raw ?? { query: "", body: "", type: "" },
    publicBaseUrl,
  };
  const { id } = keys.first;
  return JSON.stringify({ ...request, keyId: id, mac: keys.first.mac("queue", partsOf(request)) });
}

/**
 * Restores the request from a message of the queue; its fields are parsed from the signed content. If the MAC is invalid, as
 * after a change of the key, the request still contains Twilio's signature.
 *
 * @throws {UpstreamFailed} for any other message. @throws {InvalidInput}
 */
export function readQueued(keys: Keys, message: string): Request {
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), queued), message);
  // Without the cause: a parser's message quotes what it could not read.
  if (!read.success) throw new UpstreamFailed("A message of the queue is no event.");
  const { signature, settings, method, url, raw, publicBaseUrl, keyId, mac } = read.output;
  const expected = keys.byId.get(keyId)?.mac("queue", partsOf(read.output));
  const isVerified = expected !== undefined && isSameMac(expected, mac);
  const headers = new Map([[SIGNATURE, signature]]);
  if (settings !== undefined) headers.set(SIGNATURE_SETTINGS, settings);
  return { method, url, raw, publicBaseUrl, ...readFields(raw), headers, ...(isVerified && { isVerified }) };
}
