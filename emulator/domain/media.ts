import { createHmac } from "node:crypto";
import { isSid } from "../sid.ts";
import type { Service } from "./account-model.ts";
import type { Media, MediaCategory, Message } from "./model.ts";
import type { Resources } from "./resources.ts";
import { mediaRules } from "./rules/media.ts";
import { messageRules } from "./rules/message.ts";
import { requestRules } from "./rules/request.ts";

/** Media that is not attached to a message after this time is deleted ("Media Support in Conversations"). */
const unattachedMs = 5 * 60_000;
/** How long a temporary link is valid ("Media Support in Conversations"). */
const linkMs = 300_000;
/** The largest upload ("Conversations Limits"). */
export const largestMediaBytes = 150 * 1024 * 1024;

/** A file to be stored. A file on another server has only a URL. */
export interface Upload {
  readonly contentType: string;
  readonly filename: string | null;
  /** `media`, `body` or `history`; `media` by default. */
  readonly category: string | undefined;
  readonly bytes: Buffer | null;
  readonly url: string | null;
  readonly author: string;
}

/** Stores a file of at most 150 MB. It is deleted after five minutes unless it is attached to a message. */
export function storeMedia(resources: Resources, service: Service, upload: Upload): Media {
  const { contentType, filename, bytes, url, author } = upload;
  if (!/^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(\s*;.{0,256})?$/.test(contentType))
    throw messageRules.mediaTypeInvalid();
  if (bytes !== null && bytes.length > largestMediaBytes) throw messageRules.mediaTooLarge();
  const category = checkCategory(upload.category);
  const now = resources.clock.now();
  const media: Media = {
    sid: resources.ids.sid("ME"),
    serviceSid: service.sid,
    size: bytes?.length ?? 0,
    contentType,
    filename,
    category,
    author,
    url,
    bytes,
    message: null,
    dateCreated: now,
    dateUpdated: now,
  };
  resources.media.set(media.sid, media);
  collectLater(resources, media);
  return media;
}

/** Schedules the deletion of media that is not attached to a message by then. */
export function collectLater(resources: Resources, media: Media): void {
  resources.clock.schedule(media.dateCreated + unattachedMs, () => {
    if (media.message === null) resources.media.delete(media.sid);
  });
}

/** Finds media of a service. */
export function findMedia(resources: Resources, service: Service, sid: string): Media | undefined {
  const media = resources.media.get(sid);
  return media?.serviceSid === service.sid ? media : undefined;
}

/** Checks a SID: media of the service that is not attached to a message yet. */
export function checkMedia(resources: Resources, service: Service, sid: string): Media {
  if (!isSid("ME", sid)) throw messageRules.mediaSidInvalid();
  const media = findMedia(resources, service, sid);
  if (media === undefined) throw messageRules.mediaNotFound();
  if (media.message !== null) throw messageRules.mediaUsed();
  return media;
}

/** Every file of a message, including its rich content. */
export function filesOf({ media, richContent }: Message): readonly Media[] {
  return richContent ? [...media, richContent] : media;
}

/** Attaches media to a message. */
export function attachMedia(message: Message): void {
  for (const media of filesOf(message)) {
    media.message = message;
    media.dateUpdated = message.dateCreated;
  }
}

/** Deletes the media of a message that is deleted ("Media Support in Conversations"). */
export function collectMedia(resources: Resources, message: Message): void {
  for (const { sid } of filesOf(message)) resources.media.delete(sid);
}

/** The query of a temporary link: when it expires, in seconds since the epoch, and the signature. */
export interface LinkProof {
  readonly expires: string;
  readonly signature: string;
}

/** A path that serves the bytes without credentials, for 300 seconds of the clock. */
export function temporaryPath(resources: Resources, media: Media): string {
  const expires = String(Math.floor((resources.clock.now() + linkMs) / 1000));
  const signature = signatureOf(resources, media.sid, expires);
  return `/${media.sid}?Expires=${expires}&Signature=${signature}&Key-Pair-Id=emulator`;
}

/** The media of a temporary link; undefined when it is invalid or has expired. */
export function openLink(resources: Resources, sid: string, { expires, signature }: LinkProof): Media {
  const media = resources.media.get(sid);
  if (media === undefined) throw requestRules.notFound(`/${sid}`);
  if (signature !== signatureOf(resources, sid, expires)) throw mediaRules.linkInvalid();
  if (Number(expires) * 1000 <= resources.clock.now()) throw mediaRules.linkExpired();
  return media;
}

function signatureOf({ account }: Resources, sid: string, expires: string): string {
  return createHmac("sha256", account.authToken).update(`${sid} ${expires}`).digest("base64url");
}

function checkCategory(category: string | undefined): MediaCategory {
  const lower = category?.toLowerCase() || "media";
  if (lower !== "media" && lower !== "body" && lower !== "history")
    throw requestRules.invalidParameter("Category");
  return lower;
}
