import { createHash, createHmac } from "node:crypto";
import * as v from "valibot";
import { type Environment, readEnvironment } from "../environment.ts";
import { omitUndefined } from "../omit-undefined.ts";

/** Credentials of a role or user, and the region. */
export interface AwsAccess {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials, such as a function's. */
  readonly sessionToken?: string | undefined;
  readonly region: string;
}

/** A request to sign. */
export interface UnsignedRequest {
  readonly method: string;
  /** The URL that is sent: its path is encoded once. */
  readonly url: string;
  /** All of them are signed. `host` is added. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/**
 * Signs a request with Signature Version 4 (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html),
 * so that no AWS SDK has to be loaded.
 *
 * @param now Milliseconds since the epoch.
 * @returns the headers to send, with `authorization` among them.
 */
export function signV4(
  request: UnsignedRequest,
  access: AwsAccess,
  service: string,
  now: number,
): Record<string, string> {
  const url = new URL(request.url);
  const at = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, "");
  const headers: Record<string, string> = {
    ...lowerCased(request.headers),
    host: url.host,
    "x-amz-date": at,
    ...omitUndefined({ "x-amz-security-token": access.sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const signedHeaders = names.join(";");
  const canonicalRequest = [
    request.method,
    url.pathname,
    canonicalQuery(url.searchParams),
    ...names.map((name) => `${name}:${headers[name]?.trim().replace(/ +/g, " ")}`),
    "",
    signedHeaders,
    sha256(request.body),
  ].join("\n");
  const date = at.slice(0, 8);
  const scope = `${date}/${access.region}/${service}/aws4_request`;
  const key = [date, access.region, service, "aws4_request"].reduce<string | Buffer>(
    (key, part) => hmac(key, part),
    `AWS4${access.secretAccessKey}`,
  );
  const signature = hmac(key, [ALGORITHM, at, scope, sha256(canonicalRequest)].join("\n")).toString("hex");
  const credential = `${access.accessKeyId}/${scope}`;
  return {
    ...headers,
    authorization: `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
  };
}

/** SHA-256 in hexadecimal, for the signature and for S3's `x-amz-content-sha256`. */
export const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac("sha256", key).update(text, "utf8").digest();

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`)
    .sort()
    .join("&");
}

/** AWS also encodes the few characters that `encodeURIComponent` keeps. */
export const encodeRfc3986 = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** The code of a failure, for the log. The rest of such an answer may quote what was signed, including the session token. */
export const errorCodeOf = (body: string): string =>
  /<Code>(\w+)<\/Code>|"__type": ?"([\w.#]+)"/.exec(body)?.slice(1).join("") || "no code";

/** Variables that Lambda sets for the function's role. */
const entries = {
  AWS_ACCESS_KEY_ID: v.string(),
  AWS_SECRET_ACCESS_KEY: v.string(),
  AWS_SESSION_TOKEN: v.optional(v.string()),
  AWS_REGION: v.string(),
};

/** The credentials of the function's role on Lambda. @throws {Misconfigured} elsewhere. */
export function roleAccess(environment: Environment): AwsAccess {
  const env = readEnvironment(entries, environment);
  return {
    accessKeyId: env.AWS_ACCESS_KEY_ID,
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
    sessionToken: env.AWS_SESSION_TOKEN,
    region: env.AWS_REGION,
  };
}
