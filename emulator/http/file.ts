import type { HttpResponse } from "./response.ts";

/** A stored file, or where it is. */
interface StoredFile {
  readonly bytes: Buffer | null;
  readonly contentType: string;
  readonly filename?: string | null;
  /** Where the bytes are if they are not stored. */
  readonly url: string | null;
}

/** Types that a browser displays without executing anything. */
const HARMLESS = /^(image\/(?!svg)[\w.+-]+|audio\/[\w.+-]+|video\/[\w.+-]+|text\/plain)(;|$)/i;
/** Chromium displays no PDF in a sandbox. Scripts of a PDF have no origin. */
const PDF = /^application\/pdf(;|$)/i;

/**
 * Answers with a file that somebody has uploaded. Twilio serves files from hosts of their own; here they have the origin of the
 * control API, which needs no credentials, so a browser must neither execute them nor guess another type.
 */
export function fileResponse({ bytes, contentType, filename, url }: StoredFile): HttpResponse {
  if (bytes === null) return { status: 307, headers: { Location: url ?? "" } };
  const isPdf = PDF.test(contentType);
  return {
    status: 200,
    headers: {
      "Content-Type": contentType,
      "X-Content-Type-Options": "nosniff",
      ...(isPdf ? {} : { "Content-Security-Policy": "default-src 'none'; sandbox" }),
      ...(isPdf || HARMLESS.test(contentType) ? {} : { "Content-Disposition": attachment(filename) }),
    },
    body: bytes,
  };
}

/** RFC 6266 and RFC 8187. */
function attachment(filename: string | null | undefined): string {
  if (!filename) return "attachment";
  const wellFormed = Buffer.from(filename).toString();
  const encoded = encodeURIComponent(wellFormed).replace(/['()*]/g, percentEncoded);
  return `attachment; filename*=UTF-8''${encoded}`;
}

const percentEncoded = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
