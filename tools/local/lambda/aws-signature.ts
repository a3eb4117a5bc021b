import { createHash, createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** The credentials of the role of a function under test. */
export const role = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  AWS_SESSION_TOKEN: "a session's token",
  AWS_REGION: "eu-central-1",
} as const;

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/** A received request. */
interface Arrived {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Whether a request has the role's valid Signature Version 4 for a service, verified as the service does: from the request as
 * received, with the headers that the signature names.
 */
export function isSignedByRole(
  { method, url = "/", headers }: Arrived,
  body: Buffer | string,
  service: string,
): boolean {
  const authorization =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
  const [, keyId, date, region, named, signedHeaders = "", signature] =
    authorization.exec(headers.authorization ?? "") ?? [];
  const names = signedHeaders.split(";");
  if (keyId !== role.AWS_ACCESS_KEY_ID || region !== role.AWS_REGION || named !== service) return false;
  if (headers["x-amz-security-token"] !== role.AWS_SESSION_TOKEN) return false;
  if (!["host", "x-amz-date", "x-amz-security-token"].every((name) => names.includes(name))) return false;
  const [path = "", query = ""] = url.split("?");
  const canonical = [
    method,
    path,
    query,
    ...names.map((name) => `${name}:${headers[name]}`),
    "",
    signedHeaders,
    sha256(body),
  ].join("\n");
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = [date ?? "", region, service, "aws4_request"].reduce<string | Buffer>(
    (key, part) => hmac(key, part),
    `AWS4${role.AWS_SECRET_ACCESS_KEY}`,
  );
  return hmac(key, text).toString("hex") === signature;
}
