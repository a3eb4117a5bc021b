import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { HandlerError, InvalidInput } from "../../../core/errors.ts";
import { omitUndefined } from "../../../core/omit-undefined.ts";
import { mediaType } from "../../../core/request.ts";
import { addressRefused, isPublicAddress, publicLookup } from "./public-address.ts";

/** What may be fetched. */
export interface DownloadRules {
  readonly largestBytes: number;
  /** Media types, such as `image/png` or `image/*`. */
  readonly types: readonly string[];
  /** Whether a URL may be of plain HTTP. */
  readonly allowHttp: boolean;
  /** Hosts that may be reached whatever their address is. */
  readonly allowedHosts: readonly string[];
}

/** A file that was fetched. */
export interface Download {
  readonly bytes: Buffer;
  /** Without parameters. */
  readonly contentType: string;
  /** The last part of the URL's path, if it has a name. */
  readonly filename: string | undefined;
}

const MOST_REDIRECTS = 3;
const LONGEST_FILENAME = 128;

/**
 * Fetches a file that somebody else named: over HTTPS, from public addresses alone, no larger and of no other type than the
 * rules allow. Each redirect, three at most, is held to the same rules. What is too large is not read to its end.
 *
 * @param deadline By when it must be there, in milliseconds since the epoch.
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
  throw refused("media_unreachable", `it is redirected more than ${MOST_REDIRECTS} times.`);
}

type RefusalCode =
  | "media_url_refused"
  | "media_unreachable"
  | "media_type_refused"
  | "media_too_large"
  | "media_timeout";

const refused = (code: RefusalCode, reason: string, cause?: unknown): InvalidInput =>
  new InvalidInput(`url: ${reason}`, { code, field: "url", cause });

/** An IPv6 address stands in brackets in a URL. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "");

function checkUrl(url: URL, { allowHttp, allowedHosts }: DownloadRules): void {
  if (url.protocol !== "https:" && !(url.protocol === "http:" && allowHttp)) {
    throw refused("media_url_refused", `it must be an ${allowHttp ? "http(s)" : "https"} URL.`);
  }
  if (url.username !== "" || url.password !== "") {
    throw refused("media_url_refused", "it must not hold a user name or password.");
  }
  const host = hostOf(url);
  if (isIP(host) !== 0 && !allowedHosts.includes(host) && !isPublicAddress(host)) throw addressRefused(host);
}

/** @returns the file, or where the answer sends on to. */
function exchange(
  url: URL,
  rules: DownloadRules,
  deadline: number,
): Promise<Omit<Download, "filename"> | URL> {
  const isHttps = url.protocol === "https:";
  const host = hostOf(url);
  return new Promise((resolve, reject) => {
    const request = (isHttps ? httpsRequest : httpRequest)(url, {
      // A connection of its own: one that is kept might have been made under other rules.
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
      () => fail(refused("media_timeout", "the file did not arrive in time.")),
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
  refused("media_unreachable", "its server cannot be reached, or broke off.", cause);

function redirectOf({ statusCode = 0, headers }: IncomingMessage, url: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return undefined;
  if (URL.canParse(headers.location, url.href)) return new URL(headers.location, url.href);
  throw refused("media_unreachable", "it is redirected to what is no URL.");
}

/** The media type of a good answer, from its head. */
function checkedType(
  { statusCode, headers }: IncomingMessage,
  { types, largestBytes }: DownloadRules,
): string {
  if (statusCode !== 200) throw refused("media_unreachable", `its server answers with status ${statusCode}.`);
  const contentType = mediaType(headers["content-type"]);
  const [kind] = contentType.split("/");
  if (!types.includes(contentType) && !types.includes(`${kind}/*`)) {
    const given = contentType === "" ? "has no type" : `is of type ${contentType}`;
    throw refused("media_type_refused", `the file ${given}. Allowed are ${types.join(", ")}.`);
  }
  if ((headers["content-encoding"] ?? "identity") !== "identity") {
    throw refused(
      "media_type_refused",
      "its server sends the file compressed, although it was asked not to.",
    );
  }
  if (Number(headers["content-length"] ?? 0) > largestBytes) throw tooLarge(largestBytes);
  return contentType;
}

const tooLarge = (largestBytes: number): InvalidInput =>
  refused("media_too_large", `the file is larger than ${largestBytes / 1024 / 1024} MB.`);

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
    else if (size === 0) fail(refused("media_unreachable", "the file is empty."));
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
    // What is not written as URLs are has its name as it stands.
    return part;
  }
}

/** Whoever saves the file may take its name for a path, or show it where other characters would turn it around. */
const plainName = (name: string): string => {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  return /^\.*$/.test(last) ? "" : last.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "");
};
