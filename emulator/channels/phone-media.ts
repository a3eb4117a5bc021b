import type { Service } from "../domain/account-model.ts";
import { storeMedia } from "../domain/media.ts";
import type { Media } from "../domain/model.ts";
import type { Resources } from "../domain/resources.ts";

/** Stores a file that a phone has sent: the bytes of a `data:` URL, or only the URL, with unknown size. */
export function storePhoneMedia(resources: Resources, service: Service, url: string, author: string): Media {
  const file = readAttachment(url);
  const filename = file.url === null ? null : fileOf(url) || null;
  return storeMedia(resources, service, { ...file, filename, category: undefined, author });
}

/** The type and bytes of a `data:` URL, else the type and the URL. */
export function readAttachment(url: string): Pick<Media, "contentType" | "bytes" | "url"> {
  const contentType = contentTypeOf(url);
  const data = /^data:[^,]*?(;base64)?,/is.exec(url);
  if (data === null) return { contentType, bytes: null, url };
  const text = url.slice(data[0].length);
  const bytes = data[1] === undefined ? Buffer.from(decodeText(text)) : Buffer.from(text, "base64");
  return { contentType, bytes, url: null };
}

/** The content type of a `data:` URL, or of the file's extension. */
export function contentTypeOf(url: string): string {
  const data = /^data:([^,;]*)/i.exec(url);
  if (data !== null) return data[1] || "text/plain";
  const extension = fileOf(url).split(".").at(-1)?.toLowerCase() ?? "";
  return contentTypes.get(extension) ?? "application/octet-stream";
}

function fileOf(url: string): string {
  return new URL(url).pathname.split("/").at(-1) ?? "";
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The types that channels deliver ("Conversations Limits"), by file extension. */
const contentTypes: ReadonlyMap<string, string> = new Map([
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["png", "image/png"],
  ["gif", "image/gif"],
  ["mp3", "audio/mpeg"],
  ["amr", "audio/amr"],
  ["mp4", "video/mp4"],
  ["pdf", "application/pdf"],
]);
