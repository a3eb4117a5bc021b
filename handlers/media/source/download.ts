import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { HandlerError, InvalidInput } from "../../../core/errors.ts";
import { omitUndefined } from "../../../core/omit-undefined.ts";
import { mediaType } from "../../../core/request.ts";
import { scaled } from "../../../core/time-scale.ts";
import { filenameOf } from "./filename.ts";
import { isPublicAddress, NoPublicAddress, publicLookup } from "./public-address.ts";

/** Limits of a download. */
export interface DownloadRules {
  readonly largestBytes: number;
  /** Media types, such as `image/png` or `image/*`. */
  readonly types: readonly string[];
  /** Whether plain HTTP is allowed. */
  readonly allowHttp: boolean;
  /** Hosts that may be reached at any address and port. */
  readonly allowedHosts: readonly string[];
}

/** A downloaded file. */
export interface Download {
  readonly bytes: Buffer;
  /** Without parameters. */
  readonly contentType: string;
  /** The last part of the URL's path, if it is a file name. */
  readonly filename: string | undefined;
}

const MOST_REDIRECTS = 3;
const PORTS = ["", "80", "443"];
/** Statuses of a file that may be there a moment later, such as one that has just been stored. */
const WORTH_REPEATING = [404, 408, 425, 429, 500, 502, 503, 504];
const DELAY_MS = 500;

/**
 * Downloads a file from a URL that is not trusted: over HTTPS, from public addresses and ports 80 and 443 only, within the limits of
 * size and type. The same applies to each redirect, of which there may be three. A file that is too large is not read to its end.
 * A server that is not ready, or cuts the connection, is asked once more if there is time, after what its `Retry-After` asks for.
 *
 * @param deadline When the download must be complete, in milliseconds since the epoch.
 * @throws {InvalidInput} `media_url_refused`, `media_address_refused`, `media_unreachable`, `media_type_refused`,
 *   `media_too_large` or `media_timeout`.
 * @throws {HandlerError} 502 `media_source_failed`.
 */
export async function download(address: string, rules: DownloadRules, deadline: number): Promise<Download> {
  let url = new URL(address);
  let mayRepeat = true;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    checkUrl(url, rules);
    let answer: Exchange;
    try {
      answer = await exchange(url, rules, deadline);
    } catch (error) {
      if (!mayRepeat || !(error instanceof Temporary)) throw errorOf(error);
      mayRepeat = false;
      const delay = scaled(error.delayMs);
      if (Date.now() + delay >= deadline) throw errorOf(error);
      await new Promise((resolve) => setTimeout(resolve, delay));
      answer = await exchange(url, rules, deadline).catch((again: unknown) => Promise.reject(errorOf(again)));
    }
    if (!(answer instanceof URL)) return { ...answer, filename: filenameOf(url) };
    url = answer;
  }
  throw rejected("media_unreachable", `it is redirected more than ${MOST_REDIRECTS} times.`);
}

/** A failure that may be over a moment later. The cause is the error for the caller. */
class Temporary extends Error {
  readonly delayMs: number;

  constructor(cause: HandlerError, delayMs = DELAY_MS) {
    super(cause.message, { cause });
    this.delayMs = delayMs;
  }
}

const errorOf = (error: unknown): unknown => (error instanceof Temporary ? error.cause : error);

type RejectionCode =
  | "media_url_refused"
  | "media_address_refused"
  | "media_unreachable"
  | "media_type_refused"
  | "media_too_large"
  | "media_timeout";

const rejected = (code: RejectionCode, reason: string, cause?: unknown): InvalidInput =>
  new InvalidInput(`url: ${reason}`, { code, field: "url", cause });

/** The host without the brackets of an IPv6 address. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "");

function checkUrl(url: URL, { allowHttp, allowedHosts }: DownloadRules): void {
  if (url.protocol !== "https:" && !(url.protocol === "http:" && allowHttp)) {
    throw rejected("media_url_refused", `it must be an ${allowHttp ? "http(s)" : "https"} URL.`);
  }
  if (url.username !== "" || url.password !== "") {
    throw rejected("media_url_refused", "it must not hold a user name or password.");
  }
  const host = hostOf(url);
  if (!PORTS.includes(url.port) && !allowedHosts.includes(host)) {
    throw rejected(
      "media_url_refused",
      "its port must be 80 or 443, unless its host is in MEDIA_ALLOWED_HOSTS.",
    );
  }
  if (isIP(host) !== 0 && !allowedHosts.includes(host) && !isPublicAddress(host)) {
    throw rejected("media_address_refused", "it must have a public address, or be in MEDIA_ALLOWED_HOSTS.");
  }
}

/** The file, or the URL of a redirect. */
type Exchange = Omit<Download, "filename"> | URL;

function exchange(url: URL, rules: DownloadRules, deadline: number): Promise<Exchange> {
  const isHttps = url.protocol === "https:";
  const host = hostOf(url);
  return new Promise((resolve, reject) => {
    const request = (isHttps ? httpsRequest : httpRequest)(url, {
      // No shared connection: it might have been opened with other limits.
      agent: false,
      servername: isHttps && isIP(host) === 0 ? host : "",
      headers: { accept: rules.types.join(", "), "accept-encoding": "identity", "user-agent": "parley" },
      ...omitUndefined({ lookup: rules.allowedHosts.includes(host) ? undefined : publicLookup() }),
    });
    const end = (settle: () => void) => {
      clearTimeout(timer);
      settle();
      request.destroy();
    };
    const fail = (error: unknown) =>
      end(() =>
        reject(error instanceof HandlerError || error instanceof Temporary ? error : unreachable(error)),
      );
    const timer = setTimeout(
      () => fail(rejected("media_timeout", "the file did not arrive in time.")),
      Math.max(deadline - Date.now(), 0),
    );
    request.on("error", fail);
    request.on("response", (response) => {
      response.on("error", fail);
      try {
        const next = redirectOf(response, url);
        if (next) return end(() => resolve(next));
        const contentType = checkedType(response, rules);
        collect(response, rules.largestBytes, fail, (bytes) => end(() => resolve({ bytes, contentType })));
      } catch (error) {
        fail(error);
      }
    });
    request.end();
  });
}

/** The same for a name without an address and one with a private address, so that callers cannot learn internal names. */
function unreachable(cause: unknown): Error {
  const error = rejected(
    "media_unreachable",
    "its server cannot be reached, or closed the connection. A server in a private network must be in MEDIA_ALLOWED_HOSTS.",
    cause,
  );
  return cause instanceof NoPublicAddress ? error : new Temporary(error);
}

function redirectOf({ statusCode = 0, headers }: IncomingMessage, url: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return undefined;
  if (URL.canParse(headers.location, url.href)) return new URL(headers.location, url.href);
  throw rejected("media_unreachable", "it is redirected to an invalid URL.");
}

/** The media type of the answer, after its status and headers were checked. */
function checkedType(
  { statusCode = 0, headers }: IncomingMessage,
  { types, largestBytes }: DownloadRules,
): string {
  if (statusCode !== 200) throw statusError(statusCode, headers["retry-after"]);
  const contentType = canonical(mediaType(headers["content-type"]));
  const [kind] = contentType.split("/");
  if (!types.map(canonical).includes(contentType) && !types.includes(`${kind}/*`)) {
    const given = contentType === "" ? "has no type" : `is of type ${contentType}`;
    throw rejected("media_type_refused", `the file ${given}. Allowed are ${types.join(", ")}.`);
  }
  if ((headers["content-encoding"] ?? "identity") !== "identity") {
    throw rejected(
      "media_type_refused",
      "its server sends the file compressed, although the request excludes that.",
    );
  }
  if (Number(headers["content-length"] ?? 0) > largestBytes) throw tooLarge(largestBytes);
  return contentType;
}

function statusError(status: number, retryAfter: string | undefined): Error {
  const reason = `its server answers with status ${status}.`;
  const error =
    status >= 500
      ? new HandlerError(502, "media_source_failed", `url: ${reason}`, { field: "url" })
      : rejected("media_unreachable", reason);
  if (!WORTH_REPEATING.includes(status)) return error;
  const seconds = /^\d{1,4}$/.test(retryAfter ?? "") ? Number(retryAfter) : undefined;
  return new Temporary(error, seconds === undefined ? DELAY_MS : seconds * 1_000);
}

/** Other names of the types that SMS and WhatsApp accept, which servers use although they are not registered at IANA. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["image/jpg", "image/jpeg"],
  ["image/pjpeg", "image/jpeg"],
  ["image/x-png", "image/png"],
  ["audio/mp3", "audio/mpeg"],
  ["audio/x-mp3", "audio/mpeg"],
  ["audio/x-mpeg", "audio/mpeg"],
  ["application/x-pdf", "application/pdf"],
]);
const canonical = (type: string): string => ALIASES.get(type) ?? type;

const tooLarge = (largestBytes: number): InvalidInput =>
  rejected("media_too_large", `the file is larger than ${largestBytes / 1024 / 1024} MB.`);

function collect(
  response: IncomingMessage,
  largestBytes: number,
  fail: (error: unknown) => void,
  finish: (bytes: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > largestBytes) fail(tooLarge(largestBytes));
    else chunks.push(chunk);
  });
  response.on("end", () => {
    if (!response.complete) fail(new Error("the answer is not complete"));
    else if (size === 0) fail(rejected("media_unreachable", "the file is empty."));
    else finish(Buffer.concat(chunks));
  });
}
