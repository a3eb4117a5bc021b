import { isoMillis } from "../dates.ts";
import { objectEntries } from "../domain/content.ts";
import { findMedia, openLink, storeMedia, temporaryPath } from "../domain/media.ts";
import type { Media } from "../domain/model.ts";
import { mediaRules } from "../domain/rules/media.ts";
import { fileResponse } from "../http/file.ts";
import { readFilePart } from "../http/multipart.ts";
import { type Call, type Handler, notFound, param } from "./call.ts";

/*
 * The media service, mcs.us1.twilio.com ("Conversations Media Resource"). It has no published specification: what
 * the page does not describe follows captured responses and the SDKs' media client.
 */

/** The multipart wrapping, in addition to the 150 MB of a file. */
const longestUpload = 151 * 1024 * 1024;

/** The maximum length of a request body for this URL, in bytes. */
export function longestBody(url: string): number {
  return /^\/v1\/Services\/[^/?]{1,64}\/Media(\?|$)/.test(url) ? longestUpload : 1024 * 1024;
}

/** POST /Services/{ChatServiceSid}/Media: the file's bytes, or a form with one file. `Filename`, `Category`. */
export const create: Handler = (call) => {
  const { resources, service, query, origin } = call;
  const file = fileOf(call);
  const media = storeMedia(resources, service, {
    ...file,
    filename: query.get("Filename") || file.filename,
    category: query.get("Category"),
    url: null,
    author: origin.clientIdentity ?? "system",
  });
  return { status: 201, body: present(call, media) };
};

/** GET /Services/{ChatServiceSid}/Media/{Sid}, with a link to the bytes that is valid for 300 seconds. */
export const fetch: Handler = (call) => ({ status: 200, body: presentWithLink(call, mediaOf(call)) });

/** GET /Services/{ChatServiceSid}/Media/{Sid}/Content: the bytes, or a redirect to them. */
export const fetchContent: Handler = (call) => fileResponse(mediaOf(call));

/** GET /{Sid} on media.us1.twilio.com: a temporary link. */
export const follow: Handler = (call) => {
  const { query } = call;
  const proof = { expires: query.get("Expires") ?? "", signature: query.get("Signature") ?? "" };
  return fileResponse(openLink(call.resources, param(call, "Sid"), proof));
};

/** POST /Services/{ChatServiceSid}/MediaSet: `{"command":"get","list":[{"media_sid":"ME…"}]}`, each with its link. */
export const fetchSet: Handler = (call) => {
  const found = readSet(call).map((sid) => {
    const media = findMedia(call.resources, call.service, sid);
    return media === undefined
      ? // SDKs read the SIDs of missing media.
        { code: 404, media_sid: sid, media_record: { sid } }
      : { code: 200, media_record: presentWithLink(call, media) };
  });
  return { status: 200, body: found };
};

function mediaOf(call: Call): Media {
  const media = findMedia(call.resources, call.service, param(call, "Sid"));
  if (media === undefined) throw notFound(call);
  return media;
}

function fileOf(call: Call) {
  const contentType = call.headers["content-type"] ?? "application/octet-stream";
  if (!/^multipart\/form-data/i.test(contentType)) return { contentType, filename: null, bytes: call.bytes };
  const file = readFilePart(contentType, call.bytes);
  if (file === undefined) throw mediaRules.notMultipart();
  return file;
}

function readSet(call: Call): string[] {
  try {
    const fields = objectEntries(JSON.parse(call.body));
    const items = fields?.get("list");
    if (fields?.get("command") === "get" && Array.isArray(items)) {
      const sids = items.map((item) => objectEntries(item)?.get("media_sid"));
      if (sids.every((sid) => typeof sid === "string")) return sids;
    }
  } catch {
    // Invalid JSON is rejected like JSON of another shape.
  }
  throw mediaRules.setInvalid();
}

function presentWithLink(call: Call, media: Media) {
  const { origin, product } = call.host;
  const host = product === undefined ? origin : origin.replace("//mcs.", "//media.");
  const body = present(call, media);
  const links = { ...body.links, content_direct_temporary: `${host}${temporaryPath(call.resources, media)}` };
  return { ...body, links };
}

/** URLs are relative, as in captured responses. */
function present(call: Call, media: Media) {
  const url = `/v1/Services/${media.serviceSid}/Media/${media.sid}`;
  const { message } = media;
  return {
    sid: media.sid,
    account_sid: call.resources.account.sid,
    service_sid: media.serviceSid,
    date_created: isoMillis(media.dateCreated),
    date_upload_updated: isoMillis(media.dateCreated),
    date_updated: isoMillis(media.dateUpdated),
    links: { content: `${url}/Content` },
    size: media.size,
    content_type: media.contentType,
    filename: media.filename,
    author: media.author,
    category: media.category,
    message_sid: message?.sid ?? null,
    channel_sid: message?.conversation.sid ?? null,
    url,
    is_multipart_upstream: false,
  };
}
