import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import type { JWTPayload } from "jose";

/** The claims that a token must have. */
export interface Hs256Options {
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  readonly requiredClaims?: readonly string[];
  /** Seconds by which the issuer's clock may differ from ours. */
  readonly clockTolerance?: number;
}

/** The token is not valid. The message is for the log. */
export class TokenRejected extends Error {
  override readonly name = "TokenRejected";
  readonly isExpired: boolean;

  constructor(message: string, isExpired = false) {
    super(message);
    this.isExpired = isExpired;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Verifies JSON Web Tokens (RFC 7519) with an HS256 signature, as jose's `jwtVerify` does and 7 times as fast: jose uses
 * WebCrypto, which needs another thread for each token, and loading jose takes 8 ms of a cold start.
 *
 * @returns a function from a token to its claims, which throws {@link TokenRejected}.
 */
export function hs256Verifier(secret: string, options: Hs256Options = {}): (token: string) => JWTPayload {
  const key = createSecretKey(secret, "utf8");
  /** The last header that was accepted: all tokens of an issuer have the same one. */
  let knownHeader: string | undefined;
  return (token) => {
    const parts = token.split(".");
    const [header = "", payload = "", signature = ""] = parts;
    if (parts.length !== 3) throw new TokenRejected("A signed token has three parts.");
    if (header !== knownHeader) checkHeader(jsonObject(header, "header"));
    const expected = createHmac("sha256", key).update(`${header}.${payload}`).digest();
    const given = decode(signature, "signature");
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new TokenRejected("The signature is wrong.");
    }
    knownHeader = header;
    const claims = jsonObject(payload, "payload");
    checkClaims(claims, options);
    return claims;
  };
}

function checkHeader({ alg, crit, b64 }: Readonly<Record<string, unknown>>): void {
  if (alg !== "HS256") throw new TokenRejected('Its "alg" is not HS256.');
  if (crit === undefined) return;
  // The only supported extension, with the value that changes nothing (RFC 7797).
  const isKnown = Array.isArray(crit) && crit.length > 0 && crit.every((name) => name === "b64");
  if (!isKnown || b64 !== true)
    throw new TokenRejected('Its "crit" names an extension that is not supported.');
}

function checkClaims(claims: JWTPayload, options: Hs256Options): void {
  const { issuer, audience, requiredClaims = [], clockTolerance = 0 } = options;
  for (const name of requiredClaims) {
    if (!Object.hasOwn(claims, name)) throw new TokenRejected(`It lacks the claim "${name}".`);
  }
  const { iss, aud, iat, nbf, exp } = claims as Readonly<Record<string, unknown>>;
  if (issuer !== undefined && iss !== issuer) throw new TokenRejected('Its "iss" is another issuer.');
  if (audience !== undefined && aud !== audience && !(Array.isArray(aud) && aud.includes(audience))) {
    throw new TokenRejected('Its "aud" is another audience.');
  }
  const now = Math.floor(Date.now() / 1_000);
  checkDate("iat", iat);
  if (checkDate("nbf", nbf) && nbf > now + clockTolerance) throw new TokenRejected("It is not valid yet.");
  if (checkDate("exp", exp) && exp <= now - clockTolerance) throw new TokenRejected("It has expired.", true);
}

/** Whether a date is given as seconds since the epoch. */
function checkDate(name: string, value: unknown): value is number {
  if (value !== undefined && typeof value !== "number")
    throw new TokenRejected(`Its "${name}" is not a number.`);
  return value !== undefined;
}

function jsonObject(encoded: string, part: string): Record<string, unknown> {
  const bytes = decode(encoded, part);
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TokenRejected(`The ${part} is not a JSON object.`);
  }
  return value as Record<string, unknown>;
}

/** Decodes Base64url, with or without padding. `Buffer` alone would skip invalid characters. */
function decode(text: string, part: string): Buffer {
  const digits = text.length % 4 === 0 ? text.replace(/={1,2}$/, "") : text;
  if (digits.length % 4 === 1 || !/^[\w-]*$/.test(digits)) {
    throw new TokenRejected(`The ${part} is not base64url.`);
  }
  return Buffer.from(digits, "base64url");
}
