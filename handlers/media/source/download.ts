import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { HandlerError, InvalidInput } from "../../../core/errors.ts";
import { omitUndefined } from "../../../core/omit-undefined.ts";
import { mediaType } from "../../../core/request.ts";
import { addressRejected, isPublicAddress, publicLookup } from "./public-address.ts";

/** Limits of a download. */
export interface DownloadRules {
  readonly largestBytes: number;
  /** Media types, such as `image/png` or `image/*`. */
  readonly types: readonly string[];
  /** Whether plain HTTP is allowed. */
  readonly allowHttp: boolean;
  /** Hosts that may be reached at any address. */
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
const LONGEST_FILENAME = 128;

/**
 * Downloads a file from a URL that is not trusted: over HTTPS, from public addresses only, within the limits of size and type.
 * The same applies to each redirect, of which there may be three. A file that is too large is not read to its end.
 *
 * @param deadline When the download must be complete, in milliseconds since the epoch.
 * @throws {InvalidInput} `media_url_refused`, `media_address_refused`, `media_unreachable`, `media_type_refused`,
 *   `media_too_large` or `media_timeout`.
 */
export async function download(address: string, rules: DownloadRules, deadline: number): Promise<Download> {
  let url = new URL(address);
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    checkUrl(url, rules);
    const answer = await exchange(url, rules, deadline);
    if (!(answer instanceof URL)) return { ...answer, filename: filenameOf(url) };
    url = answer;
  }
  throw rejected("media_unreachable", `it is redirected more than ${MOST_REDIRECTS} times.`);
}

type RejectionCode =
  | "media_url_refused"
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
  if (isIP(host) !== 0 && !allowedHosts.includes(host) && !isPublicAddress(host)) throw addressRejected(host);
}

/** @returns the file, or the URL of a redirect. */
function exchange(
  url: URL,
  rules: DownloadRules,
  deadline: number,
): Promise<Omit<Download, "filename"> | URL> {
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
      end(() => reject(error instanceof HandlerError ? error : unreachable(error)));
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

const unreachable = (cause: unknown): InvalidInput =>
  rejected("media_unreachable", "its server cannot be reached, or closed the connection.", cause);

function redirectOf({ statusCode = 0, headers }: IncomingMessage, url: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return undefined;
  if (URL.canParse(headers.location, url.href)) return new URL(headers.location, url.href);
  throw rejected("media_unreachable", "it is redirected to an invalid URL.");
}

/** The media type of the answer, after its status and headers were checked. */
function checkedType(
  { statusCode, headers }: IncomingMessage,
  { types, largestBytes }: DownloadRules,
): string {
  if (statusCode !== 200)
    throw rejected("media_unreachable", `its server answers with status ${statusCode}.`);
  const contentType = mediaType(headers["content-type"]);
  const [kind] = contentType.split("/");
  if (!types.includes(contentType) && !types.includes(`${kind}/*`)) {
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

function filenameOf({ pathname }: URL): string | undefined {
  const last = pathname.split("/").at(-1) ?? "";
  return plainName(decoded(last)).slice(0, LONGEST_FILENAME) || undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Not valid URL encoding: use the name unchanged.
    return part;
  }
}

/** A file name without path and without characters that change how it is displayed. */
const plainName = (name: string): string => {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  return /^\.*$/.test(last) ? "" : last.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "");
};
